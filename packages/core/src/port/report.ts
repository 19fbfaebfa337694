import type { Clock } from '../clock.ts'
import type { Json } from '../json.ts'
import type { FinalStatus } from '../run/outcome.ts'
import type { CutPart } from './fit.ts'
import type { LogLevel } from './node-runs.ts'
import type { PortError } from './port-error.ts'
import { isFinal, type PortRun } from './port-run.ts'
import type { CallOptions } from './session.ts'

/** What changes with a run that goes on. */
export interface RunChange {
  statusLabel?: string
  /** Added to the links that the run has. */
  link?: string | string[]
  summary?: string
  /** Not sent to a run that has the external run id of somebody else. */
  externalRunId?: string
  /** What later nodes of the workflow read. Runs of actions have none: there it is left out. */
  output?: Json
}

/** How a run ended, with what else changes with it. The message is its last log line. */
export interface FinalReport extends RunChange {
  status: FinalStatus
  statusLabel: string
  message: string
  /** Somebody ended it early: a workflow node run is then CANCELLED. */
  cancelled?: true
}

/** Something that Port did not get. */
export interface Lost {
  what:
    | 'status'
    | 'statusLabel'
    | 'log'
    | 'link'
    | 'summary'
    | 'externalRunId'
    | 'output'
    | 'response'
  value: string
}

export type ReportResult =
  /**
   * Port has it. `run` is the run as Port showed it last; `cut` names what was too long for Port, `ignored` what runs of
   * this kind do not have.
   */
  | { type: 'delivered'; runId: string; run?: PortRun; cut?: CutPart[]; ignored?: 'output' }
  /** The run had ended before, and was left alone. */
  | { type: 'ended'; run: PortRun }
  /** The run waits for its approval, or was declined: nothing must be started for it. It was left alone. */
  | { type: 'unapproved'; run: PortRun }
  /** Port did not get all; `lost` is what it does not have. An end without a lost `status` was delivered. */
  | { type: 'failed'; error: PortError; lost: Lost[]; run?: PortRun }

/** What runs of actions and node runs of workflows do each in their own way. Every method throws PortError. */
export interface ReportTarget {
  readonly runId: string
  readonly clock: Clock
  /** By how many milliseconds Port's clock is ahead of it. */
  readonly clockOffset: number
  /** Whether such runs have an output. */
  readonly takesOutput: boolean
  read(options: CallOptions): Promise<PortRun>
  /** @returns the run afterwards, where Port shows it */
  change(change: RunChange, options: CallOptions): Promise<PortRun | undefined>
  /** @param statusLabel changes with the lines, where runs have labels */
  log(lines: readonly LogLine[], options: CallOptions, statusLabel?: string): Promise<void>
  /**
   * @param lines that come before the message of the report
   * @returns what Port did not take although it took the end, and why
   */
  end(
    report: FinalReport,
    lines: readonly LogLine[],
    options: CallOptions & { deadline: number },
  ): Promise<{ lost: Lost[]; error: PortError } | undefined>
  /** Whether a run that has ended has done so as a report says. */
  endedAs(run: PortRun, report: FinalReport): boolean
  /** Keeps what a synchronized backend responded. */
  saveResponse(response: BackendResponse, options: CallOptions): Promise<void>
  /** Ids of the runs that carry an external run id. */
  carriersOf(externalRunId: string, options: CallOptions): Promise<string[]>
}

/** What a synchronized backend responded. */
export interface BackendResponse {
  status: number
  /** JSON or text; undefined if it sent no body. */
  data: Json | undefined
}

export interface LogLine {
  message: string
  level: LogLevel
}

/** What is said of a run that has ended or is not approved. */
export function leftAlone(run: PortRun): ReportResult {
  return isFinal(run) ? { type: 'ended', run } : { type: 'unapproved', run }
}

/** Links add up, everything else is replaced. */
export function merged(earlier: RunChange, later: RunChange): RunChange {
  const links = [...new Set([earlier.link ?? [], later.link ?? []].flat(2))]
  return { ...earlier, ...later, ...(links.length > 0 && { link: links }) }
}

export function lostChange(change: RunChange): Lost[] {
  const keys = ['link', 'externalRunId', 'summary', 'statusLabel'] as const
  const lost = keys.flatMap((what) =>
    [change[what] ?? []].flat().map((value): Lost => ({ what, value })),
  )
  return change.output === undefined ? lost : [...lost, lostOutput(change.output)]
}

export function lostOutput(output: Json): Lost {
  return { what: 'output', value: JSON.stringify(output) }
}

export function lostLine({ message }: LogLine): Lost {
  return { what: 'log', value: message }
}
