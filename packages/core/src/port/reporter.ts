import type { Json } from '../json.ts'
import type { FinalStatus } from '../run/outcome.ts'
import type { Redactor } from '../text/redact.ts'
import { fit } from './fit.ts'
import { Ledger } from './ledger.ts'
import { outputProblem } from './node-run-reporter.ts'
import type { LogLevel } from './node-runs.ts'
import { PortError } from './port-error.ts'
import { isFinal, isUnapproved, type PortRun } from './port-run.ts'
import {
  type FinalReport,
  leftAlone,
  lostChange,
  lostLine,
  lostOutput,
  type ReportResult,
  type ReportTarget,
  type RunChange,
} from './report.ts'
import { ReportTime, type ReportTimeOptions } from './report-time.ts'
import type { CallOptions } from './session.ts'

export interface ReporterOptions extends ReportTimeOptions {
  /** Replaces secrets in everything that is sent to the run. */
  redactor?: Redactor
}

/** What is sent before the end gives up this long before the time is up, so that the end is sent. */
const MAX_KEPT_WITHIN_END_MS = 5_000

/**
 * Reports on one run: in order, in as few requests as it takes, the final status once and last. What others wrote on
 * the run stays: links are added to theirs, an external run id of theirs is kept.
 *
 * No method throws: a failure is a result. What could not be delivered is kept and goes with the next report. Methods
 * can be called while another is under way: what has come together by then is sent together.
 */
export class Reporter {
  readonly runId: string
  readonly #target: ReportTarget
  readonly #time: ReportTime
  readonly #ledger: Ledger
  readonly #redactor: Redactor | undefined

  constructor(target: ReportTarget, { redactor, ...options }: ReporterOptions = {}) {
    this.runId = target.runId
    this.#redactor = redactor
    this.#target = target
    this.#ledger = new Ledger(target.clock)
    this.#time = new ReportTime(target.clock, options)
  }

  /** By how many milliseconds Port's clock is ahead of ours, as far as its responses have told. */
  get clockOffset(): number {
    return this.#target.clockOffset
  }

  /** Changes a run that goes on: its link, external run id, label, summary or output. */
  async update(change: RunChange): Promise<ReportResult> {
    const { taken, ignored } = this.#taken(change)
    this.#ledger.add(taken)
    return await this.#inTurn('before-end', async (options) => {
      this.#ledger.ignoredOutput = ignored
      return await this.#flush(options)
    })
  }

  /** What of a change can be sent to such a run, without secrets. */
  #taken<Change extends RunChange>(change: Change): { taken: Change; ignored: boolean } {
    const { output, ...rest } = { ...this.#redacted(change), ...statusOf(change) }
    if (output === undefined) return { taken: rest as Change, ignored: false }
    const isIgnored = !this.#target.takesOutput
    return { taken: { ...rest, ...(!isIgnored && { output }) } as Change, ignored: isIgnored }
  }

  #redacted<Value extends object>(value: Value): Value {
    // Its fields are JSON, whose shape redaction does not change.
    return this.#redactor ? (this.#redactor.json(value as Json) as Value) : value
  }

  /**
   * Adds a line to the log of a run that goes on.
   *
   * @param statusLabel changes with it, in the same request where that is possible
   */
  async log(
    message: string,
    level: LogLevel = 'INFO',
    statusLabel?: string,
  ): Promise<ReportResult> {
    const { fitted, cut } = fit(
      this.#redacted({ message, ...(statusLabel !== undefined && { statusLabel }) }),
    )
    this.#ledger.addLine({ message: fitted.message, level })
    return await this.#inTurn('before-end', (options) => {
      this.#ledger.cut(cut)
      return this.#flush(options, fitted.statusLabel)
    })
  }

  /** The run as Port has it now; undefined if it cannot be read. */
  async read(): Promise<PortRun | undefined> {
    const read = await this.tryRead()
    return read instanceof PortError ? undefined : read
  }

  /** The run as Port has it now, or why it cannot be read. */
  async tryRead(): Promise<PortRun | PortError> {
    return await this.#inTurn('before-end', async (options) => {
      try {
        this.#ledger.run = await this.#target.read(options)
        return this.#ledger.run
      } catch (error) {
        return this.#asPortError(error)
      }
    })
  }

  /**
   * Stores what a synchronized backend responded. Of a run Port keeps the body, if there is one; nodes that come after that of
   * a node run read `{status, data}`.
   *
   * @param response its body: JSON or text
   * @param httpStatus its status, such as 200
   */
  async saveResponse(response: Json | undefined, httpStatus: number): Promise<ReportResult> {
    const data = response === undefined ? undefined : (this.#redactor?.json(response) ?? response)
    return await this.#inTurn('before-end', async (options) => {
      try {
        await this.#target.saveResponse({ status: httpStatus, data }, options)
      } catch (thrown) {
        const run = await this.#closedRun(this.#asPortError(thrown), options)
        if (run) return leftAlone(run)
        this.#ledger.refuse({ what: 'response', value: JSON.stringify(data ?? null) })
      }
      return this.#ledger.result(this.runId)
    })
  }

  /** Whether another run in Port carries an external run id. `unknown` if Port cannot be asked: that is not `no`. */
  async isReportedByAnother(externalRunId: string): Promise<'yes' | 'no' | 'unknown'> {
    return await this.#inTurn('before-end', async (options) => {
      try {
        const carriers = await this.#target.carriersOf(externalRunId, options)
        return carriers.some((id) => id !== this.runId) ? 'yes' : 'no'
      } catch (error) {
        this.#asPortError(error)
        return 'unknown'
      }
    })
  }

  /** Ends the run. */
  async finish(given: FinalReport): Promise<ReportResult> {
    const { taken: report, ignored } = this.#taken(given)
    const { link, summary, externalRunId } = report
    this.#ledger.add({
      ...(link !== undefined && { link }),
      ...(summary !== undefined && { summary }),
      ...(externalRunId !== undefined && { externalRunId }),
    })
    return await this.#inTurn('end', async (options) => {
      this.#ledger.ignoredOutput = ignored
      // The end has a label of its own, and can have an output.
      this.#ledger.take(report.output === undefined ? ['statusLabel'] : ['statusLabel', 'output'])
      const left = options.deadline - this.#target.clock.now()
      const kept = Math.min(MAX_KEPT_WITHIN_END_MS, left / 3)
      const closed = await this.#sendChange({ ...options, deadline: options.deadline - kept })
      if (closed) return leftAlone(closed)
      this.#ledger.nameAll()
      return await this.#end(report, options)
    })
  }

  async #end(
    report: FinalReport,
    options: CallOptions & { deadline: number },
  ): Promise<ReportResult> {
    const { fitted, cut } = fit(report)
    this.#ledger.cut(cut)
    const lines = this.#ledger.takeLines()
    try {
      const left = await this.#target.end(fitted, lines, options)
      if (left) {
        this.#ledger.refuse(...left.lost)
        this.#ledger.error = left.error
      }
      const { status, statusLabel } = fitted
      this.#ledger.run = { ...(this.#ledger.run ?? { id: this.runId }), status, statusLabel }
      return this.#ledger.result(this.runId)
    } catch (thrown) {
      const run = await this.#closedRun(this.#asPortError(thrown), options)
      // A response that was lost may have been a success: then the run has ended as it should.
      if (run && this.#target.endedAs(run, fitted)) return this.#ledger.result(this.runId)
      if (run) return leftAlone(run)
      this.#ledger.putBack({}, lines)
      const { status, statusLabel, message, output } = report
      return this.#ledger.result(this.runId, [
        { what: 'status', value: status },
        { what: 'statusLabel', value: statusLabel },
        { what: 'log', value: message },
        ...(output === undefined ? [] : [lostOutput(output)]),
      ])
    }
  }

  /** Sends what Port does not have yet. */
  async #flush(options: CallOptions, statusLabel?: string): Promise<ReportResult> {
    // An older label that is still to be sent would come after this one.
    if (statusLabel !== undefined) this.#ledger.take(['statusLabel'])
    const closed = await this.#sendChange(options)
    if (closed) return leftAlone(closed)
    const lines = this.#ledger.takeLines()
    const label = { ...(statusLabel !== undefined && { statusLabel }) }
    if (lines.length === 0) return this.#ledger.result(this.runId)
    try {
      await this.#target.log(lines, options, statusLabel)
    } catch (thrown) {
      const error = this.#asPortError(thrown)
      const run = await this.#closedRun(error, options)
      if (run) return leftAlone(run)
      if (error.isRefusal) this.#ledger.refuse(...lostChange(label), ...lines.map(lostLine))
      else this.#ledger.putBack(label, lines)
    }
    return this.#ledger.result(this.runId)
  }

  /**
   * Sends the changes. What could replace something of others is sent once it is known what the run has.
   *
   * @returns the run, if it has ended or is not approved
   */
  async #sendChange(options: CallOptions): Promise<PortRun | undefined> {
    this.#ledger.refuseOutput(outputProblem)
    const { harmless } = this.#ledger
    if (this.#ledger.needsRun && Object.keys(harmless).length > 0) {
      const { closed, failed } = await this.#sendPart(harmless, options)
      if (closed || failed) return closed
    }
    if (this.#ledger.needsRun) {
      const { closed, failed } = await this.#attempt({}, () => this.#target.read(options), options)
      if (closed || failed) return closed
    }
    const { lacking } = this.#ledger
    this.#ledger.take()
    if (Object.keys(lacking).length === 0) return undefined
    return (await this.#sendPart(lacking, options)).closed
  }

  async #sendPart(part: RunChange, options: CallOptions): Promise<Attempt> {
    this.#ledger.take(Object.keys(part) as (keyof RunChange)[])
    const { fitted, cut } = fit(part)
    const result = await this.#attempt(part, () => this.#target.change(fitted, options), options)
    if (!result.failed) {
      this.#ledger.cut(cut)
      if (part.externalRunId !== undefined) this.#ledger.ownExternalRunId = part.externalRunId
    }
    return result
  }

  /** @param part what is lost if Port refuses, and kept if Port fails */
  async #attempt(
    part: RunChange,
    work: () => Promise<PortRun | undefined>,
    options: CallOptions,
  ): Promise<Attempt> {
    try {
      const run = await work()
      if (run) this.#ledger.run = run
      return run && (isFinal(run) || isUnapproved(run)) ? { closed: run } : {}
    } catch (thrown) {
      const error = this.#asPortError(thrown)
      const closed = await this.#closedRun(error, options)
      if (closed) return { closed, failed: true }
      if (error.isRefusal) this.#ledger.refuse(...lostChange(part))
      else this.#ledger.putBack(part)
      return { failed: true }
    }
  }

  /**
   * The run, if Port refused because it has ended or is not approved.
   *
   * @returns undefined for every other refusal
   */
  async #closedRun(error: PortError, options: CallOptions): Promise<PortRun | undefined> {
    if (error.status !== 422) return undefined
    try {
      const run = await this.#target.read(options)
      this.#ledger.run = run
      return isFinal(run) || isUnapproved(run) ? run : undefined
    } catch (thrown) {
      this.#asPortError(thrown)
      // The refusal says more than that the run could not be read.
      this.#ledger.error = error
      return undefined
    }
  }

  async #inTurn<T>(
    share: 'before-end' | 'end',
    work: (options: CallOptions & { deadline: number }) => Promise<T>,
  ): Promise<T> {
    return await this.#time.inTurn(share, async (options) => {
      this.#ledger.begin()
      return await work(options)
    })
  }

  /** @throws what is not a failure of Port */
  #asPortError(thrown: unknown): PortError {
    const { signal } = this.#time
    const error =
      signal?.aborted && thrown === signal.reason
        ? new PortError(`Could not update run ${this.runId}: the process was stopped.`)
        : thrown
    if (!(error instanceof PortError)) throw error
    this.#ledger.error = error
    return error
  }
}

/** A word of Port's, even where a secret is the same. */
function statusOf(report: RunChange & { status?: FinalStatus }): { status?: FinalStatus } {
  return report.status ? { status: report.status } : {}
}

/** What became of a request. */
interface Attempt {
  /** The run, if it has ended or is not approved. */
  closed?: PortRun
  failed?: true
}
