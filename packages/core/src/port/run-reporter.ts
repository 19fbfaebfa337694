import type { Clock } from '../clock.ts'
import { isNodeRunId } from '../run/run-id.ts'
import { fit } from './fit.ts'
import { NodeRunTarget } from './node-run-reporter.ts'
import { checked, runIdentifier } from './path.ts'
import type { PortClient } from './port-client.ts'
import type { PortRun } from './port-run.ts'
import type { BackendResponse, FinalReport, LogLine, ReportTarget, RunChange } from './report.ts'
import { Reporter, type ReporterOptions } from './reporter.ts'
import type { CallOptions } from './session.ts'

/**
 * The reporter for a run: of an action (`r_…`), or of a node of a workflow (`wfnr_…`).
 *
 * @throws InputError if the run id cannot be one
 */
export function reporterFor(
  client: PortClient,
  runId: string,
  options?: ReporterOptions,
): Reporter {
  const id = checked(runIdentifier(runId))
  const target = isNodeRunId(id) ? new NodeRunTarget(client, id) : new RunTarget(client, id)
  return new Reporter(target, options)
}

/** Runs of actions: one log line can carry the final status. */
class RunTarget implements ReportTarget {
  readonly takesOutput = false
  readonly runId: string
  readonly #client: PortClient

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
    return await this.#client.runs.get(this.runId, options)
  }

  async change(change: RunChange, options: CallOptions): Promise<PortRun> {
    return await this.#client.runs.update(this.runId, change, options)
  }

  async log(lines: readonly LogLine[], options: CallOptions, statusLabel?: string): Promise<void> {
    const log = { message: textOf(lines), ...(statusLabel !== undefined && { statusLabel }) }
    await this.#client.runs.addLog(this.runId, log, options)
  }

  async end(
    { status, statusLabel, message }: FinalReport,
    lines: readonly LogLine[],
    options: CallOptions,
  ): Promise<undefined> {
    const text = textOf([...lines, { message }])
    const log = { message: text, terminationStatus: status, statusLabel }
    await this.#client.runs.addLog(this.runId, log, options)
    return undefined
  }

  endedAs(run: PortRun, { status, statusLabel }: FinalReport): boolean {
    return run.status === status && run.statusLabel === statusLabel
  }

  async saveResponse({ data }: BackendResponse, options: CallOptions): Promise<void> {
    if (data !== undefined) await this.#client.runs.saveResponse(this.runId, data, options)
  }

  async carriersOf(externalRunId: string, options: CallOptions): Promise<string[]> {
    return (await this.#client.runs.find(externalRunId, options)).map(({ id }) => id)
  }
}

/** One line of Port's log for all of them. */
function textOf(lines: readonly Pick<LogLine, 'message'>[]): string {
  return fit({ message: lines.map(({ message }) => message).join('\n') }).fitted.message
}
