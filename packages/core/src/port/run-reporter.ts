import { type Clock, systemClock } from '../clock.ts'
import { TransportError } from '../http/transport-error.ts'
import type { PortClient } from './port-client.ts'
import { PortError } from './port-error.ts'
import { type FinalStatus, isFinal, type PortRun, type RunLog, type RunPatch } from './port-run.ts'

export interface RunReporterOptions {
  clock?: Clock
  /** Milliseconds that all reporting of this run may take. Default 30,000. */
  timeLimit?: number
}

/** How the run ended, with what else changes with it. The message is its last log line. */
export interface FinalReport extends Omit<RunPatch, 'status' | 'statusLabel'> {
  status: FinalStatus
  statusLabel: string
  message: string
  /** Somebody ended it early. */
  cancelled?: true
}

export type ReportResult =
  | { type: 'delivered'; run?: PortRun }
  /** The run ended before, and was left alone. */
  | { type: 'ended'; run: PortRun }
  /** Port could not be told; `lost` is what it would have been told. */
  | { type: 'failed'; error: PortError | TransportError; lost: string[] }

const DEFAULT_TIME_LIMIT_MS = 30_000
/** Reports before the last one may use this part of the time, so that the last one always has some. */
const SHARE_BEFORE_END = 1 / 3
const MAX_LOG_BYTES = 1_000_000
const CUT_MARK = '\n… (cut: Port accepts at most 1 MiB)'

/**
 * Reports on one run: in order, as few calls as it takes, the final status once and last.
 *
 * What could not be delivered is kept and sent before the next report. Call one method at a time.
 */
export class RunReporter {
  readonly runId: string
  readonly #client: PortClient
  readonly #clock: Clock
  readonly #timeLimit: number
  #spent = 0
  /** Changes that Port has not been told yet. */
  #unsent: RunPatch = {}

  constructor(client: PortClient, runId: string, options: RunReporterOptions = {}) {
    this.runId = runId
    this.#client = client
    this.#clock = options.clock ?? systemClock
    this.#timeLimit = options.timeLimit ?? DEFAULT_TIME_LIMIT_MS
  }

  /**
   * Changes a run that goes on: its link, external run id or label.
   *
   * @throws never: a failure is a result. A change that Port did not get is sent again with the next report.
   */
  async update(patch: Omit<RunPatch, 'status'>): Promise<ReportResult> {
    this.#unsent = { ...this.#unsent, ...patch }
    return await this.#within(SHARE_BEFORE_END, (deadline) => this.#flush(deadline))
  }

  /**
   * Adds a line to the log of a run that goes on.
   *
   * @throws never: a failure is a result
   */
  async log(message: string): Promise<ReportResult> {
    return await this.#within(SHARE_BEFORE_END, async (deadline) => {
      const result = await this.#addLog({ message }, deadline)
      if (result.type === 'failed') result.lost.push(`log ${message}`)
      return result
    })
  }

  /**
   * Whether another run in Port carries an external run id. Port that cannot be asked knows of none.
   */
  async isReportedByAnother(externalRunId: string): Promise<'yes' | 'no' | 'unknown'> {
    const find = async (deadline: number): Promise<'yes' | 'no' | 'unknown'> => {
      try {
        const runs = await this.#client.findRuns(externalRunId, { deadline })
        return runs.some(({ id }) => id !== this.runId) ? 'yes' : 'no'
      } catch (error) {
        if (error instanceof PortError || error instanceof TransportError) return 'unknown'
        throw error
      }
    }
    return await this.#within(SHARE_BEFORE_END, find)
  }

  /** What Port has of the run; undefined if it cannot be read. */
  async read(): Promise<PortRun | undefined> {
    return await this.#within(SHARE_BEFORE_END, async (deadline) => {
      return await this.#client.getRun(this.runId, { deadline }).catch(() => undefined)
    })
  }

  /** Stores what a synchronized backend responded. */
  async saveResponse(_response: unknown): Promise<ReportResult> {
    return { type: 'delivered' }
  }

  /**
   * Ends the run.
   *
   * @throws never: a failure is a result
   */
  async finish(report: FinalReport): Promise<ReportResult> {
    const {
      status: _status,
      statusLabel: _label,
      message: _message,
      cancelled: _,
      ...patch
    } = report
    // The final call carries the label.
    const { statusLabel: _replaced, ...open } = this.#unsent
    this.#unsent = { ...open, ...patch }
    return await this.#within(1, async (deadline) => {
      const flushed = await this.#flushBeforeEnd(deadline)
      if (flushed?.type === 'ended') return flushed
      const ended = withLost(await this.#end(report, deadline), report)
      if (flushed?.type !== 'failed') return ended
      // The end is told all the same: it matters more than what was lost.
      const lost = ended.type === 'failed' ? [...flushed.lost, ...ended.lost] : flushed.lost
      return { ...flushed, lost }
    })
  }

  /** Leaves half of the time for the end. */
  async #flushBeforeEnd(deadline: number): Promise<ReportResult | undefined> {
    if (Object.keys(this.#unsent).length === 0) return undefined
    return await this.#flush((this.#clock.now() + deadline) / 2)
  }

  async #flush(deadline: number): Promise<ReportResult> {
    const patch = this.#unsent
    const result = await this.#attempt(
      () => this.#client.updateRun(this.runId, patch, { deadline }),
      deadline,
    )
    if (result.type === 'delivered') this.#unsent = {}
    if (result.type === 'failed') result.lost.push(...describePatch(patch))
    return result
  }

  async #end(report: FinalReport, deadline: number): Promise<ReportResult> {
    const result = await this.#addLog(
      {
        message: report.message,
        terminationStatus: report.status,
        statusLabel: report.statusLabel,
      },
      deadline,
    )
    // An answer that was lost may have been a success: then the run has ended as it should.
    if (result.type === 'ended' && result.run.status === report.status) {
      if (result.run.statusLabel === report.statusLabel)
        return { type: 'delivered', run: result.run }
    }
    return result
  }

  async #addLog(log: RunLog, deadline: number): Promise<ReportResult> {
    return await this.#attempt(async () => {
      await this.#client.addLog(this.runId, { ...log, message: cut(log.message) }, { deadline })
      return undefined
    }, deadline)
  }

  async #attempt(
    call: () => Promise<PortRun | undefined>,
    deadline: number,
  ): Promise<ReportResult> {
    try {
      const run = await call()
      return { type: 'delivered', ...(run && { run }) }
    } catch (error) {
      if (!(error instanceof PortError || error instanceof TransportError)) throw error
      if (error instanceof PortError && error.status === 422) {
        const run = await this.#client.getRun(this.runId, { deadline }).catch(() => undefined)
        if (run && isFinal(run)) return { type: 'ended', run }
      }
      return { type: 'failed', error, lost: [] }
    }
  }

  async #within<T>(share: number, work: (deadline: number) => Promise<T>): Promise<T> {
    const begin = this.#clock.now()
    try {
      return await work(begin + Math.max(0, this.#timeLimit * share - this.#spent))
    } finally {
      this.#spent += this.#clock.now() - begin
    }
  }
}

function withLost(
  result: ReportResult,
  { status, statusLabel, message }: FinalReport,
): ReportResult {
  if (result.type === 'failed') {
    result.lost.push(`status ${status}`, `label ${statusLabel}`, `log ${message}`)
  }
  return result
}

function describePatch(patch: RunPatch): string[] {
  return Object.entries(patch).map(([key, value]) => `${key} ${[value].flat().join(', ')}`)
}

/** Cuts at a character, so that the text stays valid UTF-8. */
function cut(message: string): string {
  const bytes = Buffer.byteLength(JSON.stringify(message))
  if (bytes <= MAX_LOG_BYTES) return message
  const kept = Math.floor(message.length * ((MAX_LOG_BYTES - 1000) / bytes))
  return (
    message
      .slice(0, kept)
      .toWellFormed()
      .replace(/\uFFFD$/, '') + CUT_MARK
  )
}
