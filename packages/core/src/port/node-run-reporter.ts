import type { Clock } from '../clock.ts'
import type { Json } from '../json.ts'
import { portStatusOf } from '../run/outcome.ts'
import { jsonBytes } from './fit.ts'
import type { LogLevel, NodeResult, NodeRun, NodeRunPatch } from './node-runs.ts'
import type { PortClient } from './port-client.ts'
import { PortError } from './port-error.ts'
import type { PortRun } from './port-run.ts'
import {
  type BackendResponse,
  type FinalReport,
  type LogLine,
  type Lost,
  lostOutput,
  type ReportTarget,
  type RunChange,
} from './report.ts'
import type { CallOptions } from './session.ts'

const MAX_OUTPUT_BYTES = 1_000_000
const MAX_LOGS_BYTES = 1_020_000
const OUTPUT_REFUSED = [400, 413, 422]

/** What Port did not take although it took the end, and why. */
type Incomplete = { lost: Lost[]; error: PortError }

/**
 * Node runs of workflows: they have neither label nor summary, which become log lines, and a result and an output of
 * their own.
 */
export class NodeRunTarget implements ReportTarget {
  readonly takesOutput = true
  readonly runId: string
  readonly #client: PortClient
  #response: Json | undefined

  constructor(client: PortClient, runId: string) {
    this.#client = client
    this.runId = runId
  }

  get clock(): Clock {
    return this.#client.clock
  }

  get clockOffset(): number {
    return this.#client.clockOffset
  }

  async read(options: CallOptions): Promise<PortRun> {
    return asPortRun(await this.#client.nodeRuns.get(this.runId, options))
  }

  async change(change: RunChange, options: CallOptions): Promise<PortRun | undefined> {
    const { statusLabel, summary, link, externalRunId, output } = change
    const patch: NodeRunPatch = {
      ...(link !== undefined && { links: [link].flat() }),
      ...(externalRunId !== undefined && { externalRunId }),
      ...(output !== undefined && { output }),
    }
    const { nodeRuns } = this.#client
    const run =
      Object.keys(patch).length > 0 ? await nodeRuns.update(this.runId, patch, options) : undefined
    const lines = [statusLabel, summary]
      .filter((text) => text !== undefined)
      .map((message) => ({ level: 'INFO' as const, message }))
    if (lines.length > 0) await nodeRuns.addLogs(this.runId, lines, options)
    return run && asPortRun(run)
  }

  async log(lines: readonly LogLine[], options: CallOptions): Promise<void> {
    // What fits into one request goes with one request.
    const parts = jsonBytes(lines) <= MAX_LOGS_BYTES ? [lines] : lines.map((line) => [line])
    for (const part of parts) await this.#client.nodeRuns.addLogs(this.runId, part, options)
  }

  async end(
    report: FinalReport,
    lines: readonly LogLine[],
    options: CallOptions & { deadline: number },
  ): Promise<Incomplete | undefined> {
    const log = [...lines, { level: levelOf(report), message: report.message }]
    // The result counts more than the log: half of the time is its own.
    const half = (this.clock.now() + options.deadline) / 2
    let failure: PortError | undefined
    try {
      await this.log(log, { ...options, deadline: half })
    } catch (error) {
      if (!(error instanceof PortError) || error.status === 422) throw error
      failure = error
    }
    const incomplete = await this.#complete(report, options)
    if (!failure) return incomplete
    const lost = log.map(({ message }): Lost => ({ what: 'log', value: message }))
    return { lost: [...lost, ...(incomplete?.lost ?? [])], error: failure }
  }

  async #complete(report: FinalReport, options: CallOptions): Promise<Incomplete | undefined> {
    const { output = this.#response } = report
    const end: NodeRunPatch = { status: 'COMPLETED', result: resultOf(report) }
    const { nodeRuns } = this.#client
    if (output === undefined) {
      await nodeRuns.update(this.runId, end, options)
      return undefined
    }
    const problem = outputProblem(output)
    if (problem) {
      await nodeRuns.update(this.runId, end, options)
      return { lost: [lostOutput(output)], error: problem }
    }
    try {
      await nodeRuns.update(this.runId, { ...end, output }, options)
      return undefined
    } catch (error) {
      if (!(error instanceof PortError && OUTPUT_REFUSED.includes(error.status ?? 0))) throw error
      // If it was refused for another reason, so is this.
      await nodeRuns.update(this.runId, end, options)
      return { lost: [lostOutput(output)], error }
    }
  }

  endedAs(run: PortRun, report: FinalReport): boolean {
    const { status, cancelled } = report
    const isCancelled = run.statusLabel === portStatusOf('CANCELLED')?.statusLabel
    return run.status === status && isCancelled === (status === 'FAILURE' && cancelled === true)
  }

  /** Later nodes read it in the output, as that of a webhook that Port calls, unless the report has one of its own. */
  async saveResponse({ status, data = {} }: BackendResponse): Promise<void> {
    this.#response = { response: { status, data } }
  }

  async carriersOf(externalRunId: string, options: CallOptions): Promise<string[]> {
    const runs = await this.#client.nodeRuns.find(externalRunId, options)
    return runs.map(({ identifier }) => identifier)
  }
}

function resultOf({ status, cancelled }: FinalReport): NodeResult {
  if (status === 'SUCCESS') return 'SUCCESS'
  return cancelled ? 'CANCELLED' : 'FAILED'
}

function levelOf({ status, cancelled }: FinalReport): LogLevel {
  if (status === 'SUCCESS') return 'INFO'
  return cancelled ? 'WARN' : 'ERROR'
}

/** Why Port would not take an output; undefined if it does. */
export function outputProblem(output: Json): PortError | undefined {
  if (jsonBytes(output) <= MAX_OUTPUT_BYTES) return undefined
  return new PortError(
    `The output has ${jsonBytes(output)} bytes of JSON, more than the ${MAX_OUTPUT_BYTES} that can be sent to Port.`,
  )
}

/** A node run in the words of runs of actions. */
function asPortRun({ identifier, status, result, externalRunId, links }: NodeRun): PortRun {
  const ended = status === 'COMPLETED' ? portStatusOf(result ?? 'SUCCESS') : undefined
  return {
    id: identifier,
    status: ended?.status ?? (status === 'COMPLETED' ? 'FAILURE' : status),
    ...(ended && { statusLabel: ended.statusLabel }),
    ...(externalRunId && { externalRunId }),
    ...(links && { link: links }),
  }
}
