import { randomUUID } from 'node:crypto'
import {
  type Clock,
  formatError,
  type Logger,
  type PortDispatchError,
  type Setting,
} from '@port-dispatch/core'
import { backoff } from '@port-dispatch/core/http'
import {
  type CallOptions,
  type FinalReport,
  isOpen,
  type PortClient,
  PortError,
  type PortRun,
  type Reporter,
  type ReportResult,
  reporterFor,
  type StoredLog,
} from '@port-dispatch/core/port'
import { isNodeRunId } from '@port-dispatch/core/run'
import type { Redactor } from '@port-dispatch/core/text'
import type { Plan, RunState } from '@port-dispatch/dispatcher'
import type { MappedReport } from '../routes/router.ts'
import type { Result, Settlement, SourceName } from '../work.ts'
import { LABELS, stageChange, startLabel, TAKEN } from './earlier.ts'

/** Reporting waits for Port for as long as it takes: whoever stops the agent, or the source, ends the waiting. */
const REPORTING_MS = 7 * 24 * 3_600_000
const AFTER_STOP_MS = 3_000
const LOG_PAGE = 50
const MAX_LOG_PAGES = 10
const ANNOUNCE_PACE = { first: 1_000, last: 30_000, growth: 2, jitter: 0.25 }

/** What reporting needs, whatever the run. */
export interface ReportingOptions {
  port: PortClient
  clock: Clock
  redactor: Redactor
  /** The name of a setting for people. */
  nameOf: (setting: Setting) => string
}

export interface RunReportOptions extends ReportingOptions {
  runId: string
  source: SourceName
  logger: Logger
  /** Ends the waiting for Port. */
  signal: AbortSignal
}

/** What came of announcing a run. */
export type Announced =
  /** Port knows that it will be started. `run` as Port showed it after that. */
  | { type: 'announced'; run: PortRun | undefined }
  /** It must not be started: it has ended, or is not approved. */
  | { type: 'closed'; run: PortRun }
  /** Another agent has announced it before. */
  | { type: 'taken' }
  /** Port does not have it. */
  | { type: 'gone' }
  /** The waiting for Port was ended. */
  | { type: 'stopped' }

/** What the agent reports on one run, and what Port's response means for the run. */
export class RunReport {
  readonly reporter: Reporter
  readonly #options: RunReportOptions

  constructor(options: RunReportOptions) {
    const { port, runId, signal } = options
    this.#options = options
    this.reporter = reporterFor(port, runId, {
      timeLimit: REPORTING_MS,
      keepForEnd: 0,
      signal,
      timeAfterStop: AFTER_STOP_MS,
    })
  }

  /** Reports before anything is started, and waits until Port has it. */
  async announce(plan: Plan): Promise<Announced> {
    const { runId, source, signal, logger, clock } = this.#options
    const label = startLabel(plan, source)
    const isElected = source === 'webhook' && !isNodeRunId(runId)
    if (isElected) return await this.take(label)
    for (let pauses = 0; ; pauses++) {
      const change = stageChange(runId, 'begun', label)
      const result = await this.reporter.update({ statusLabel: label, ...change })
      if (result.type === 'delivered') return { type: 'announced', run: result.run }
      if (result.type !== 'failed') return { type: 'closed', run: result.run }
      if (signal.aborted) return { type: 'stopped' }
      logger.warning(`${this.#messageOf(result.error)} Nothing was started.`)
      if (isGone(result.error)) return { type: 'gone' }
      await clock.sleep(backoff(pauses, ANNOUNCE_PACE), signal).catch(() => {})
    }
  }

  /**
   * A webhook can reach two agents at one moment, if whatever is between sends it twice, and Port has no lock. What its log
   * has is in one order for all who read it: the run belongs to whoever has written the first line.
   *
   * @param statusLabel what Port shows of the run then
   */
  async take(statusLabel?: string): Promise<Announced> {
    const { port, runId, signal, logger, clock } = this.#options
    const message = `${TAKEN}${randomUUID().slice(0, 8)}).`
    const line = { message, ...(statusLabel !== undefined && { statusLabel }) }
    const options = { deadline: clock.now() + REPORTING_MS, signal }
    let isWritten = false
    for (let pauses = 0; ; pauses++) {
      try {
        if (!isWritten) await port.runs.addLog(runId, line, options)
        isWritten = true
        const first = await firstTaken(port, runId, options)
        if (first === message) return { type: 'announced', run: undefined }
        if (first !== undefined) return { type: 'taken' }
      } catch (error) {
        if (signal.aborted) return { type: 'stopped' }
        if (!(error instanceof PortError)) throw error
        const run = error.status === 422 ? await this.reporter.read() : undefined
        if (run && !isOpen(run)) return { type: 'closed', run }
        logger.warning(`${this.#messageOf(error)} Nothing was started.`)
        if (isGone(error)) return { type: 'gone' }
      }
      await clock.sleep(backoff(pauses, ANNOUNCE_PACE), signal).catch(() => {})
    }
  }

  /** Takes an announcement back: nothing was started. A webhook is given to nobody else: its source ends the run. */
  async giveBack(): Promise<void> {
    const { source, runId } = this.#options
    if (source === 'webhook') return
    await this.reporter.update(stageChange(runId, 'waiting', LABELS.waiting))
  }

  /** The receiver has it, and reports the end. */
  async sent(message: string): Promise<Settlement> {
    return await this.#log(message, 'INFO', 'accepted')
  }

  /** It is unknown whether anything was started, and something else may still end the run. */
  async unknown(message: string): Promise<Settlement> {
    return await this.#log(message, 'WARN', 'unknown')
  }

  async #log(
    message: string,
    level: 'INFO' | 'WARN',
    stage: 'accepted' | 'unknown',
  ): Promise<Settlement> {
    const { redactor, runId } = this.#options
    this.#say(message)
    if (isNodeRunId(runId)) await this.reporter.update(stageChange(runId, stage, LABELS[stage]))
    const result = await this.reporter.log(redactor(message), level, LABELS[stage])
    return this.#settlement(result, stage)
  }

  /** Where the run of the backend is. */
  async linked({ url, externalRunId }: RunState): Promise<'linked' | 'not-linked'> {
    this.#say(`${LABELS.running}: ${url || externalRunId || 'its address is not known yet'}`)
    const result = await this.reporter.update({
      ...(url && { link: url }),
      ...(externalRunId && { externalRunId }),
      statusLabel: LABELS.running,
    })
    if (result.type !== 'failed') return 'linked'
    this.#options.logger.warning(this.#messageOf(result.error))
    return result.lost.some(({ what }) => what === 'externalRunId') ? 'not-linked' : 'linked'
  }

  /** @param result default: what the status says */
  async end(report: FinalReport, result?: Result): Promise<Settlement> {
    const message = this.#options.redactor(report.message)
    this.#say(`${report.status}: ${message}`)
    const own = result ?? (report.status === 'SUCCESS' ? 'success' : 'failure')
    return this.#settlement(await this.reporter.finish({ ...report, message }), own)
  }

  /**
   * What a mapping says of a response.
   *
   * @param otherwise what is reported where it says nothing
   */
  async mapped(
    { status = undefined, link, summary, externalRunId }: MappedReport,
    otherwise: Pick<FinalReport, 'message'> & Partial<Pick<FinalReport, 'status' | 'statusLabel'>>,
  ): Promise<Settlement> {
    const change = {
      ...(link !== undefined && { link }),
      ...(summary !== undefined && { summary: this.#options.redactor(summary) }),
      ...(externalRunId !== undefined && { externalRunId }),
    }
    const { message } = otherwise
    const ending = status ?? otherwise.status
    if (ending === undefined) {
      if (Object.keys(change).length > 0) await this.reporter.update(change)
      return await this.sent(message)
    }
    const own = ending === 'SUCCESS' ? 'Success' : 'Failure'
    const statusLabel = (ending === otherwise.status && otherwise.statusLabel) || own
    return await this.end({ ...change, message, status: ending, statusLabel })
  }

  /** Says in the log of the agent what becomes of the run: the first line, because others hold what a server responded. */
  #say(message: string): void {
    this.#options.logger.info(this.#options.redactor(message).split('\n', 1)[0] ?? '')
  }

  /** An end that has not reached Port is for whoever has the run next. */
  #settlement(result: ReportResult, own: Result): Settlement {
    if (result.type === 'ended' || result.type === 'unapproved') {
      return { type: 'done', result: 'skipped' }
    }
    if (result.type === 'delivered') return { type: 'done', result: own }
    this.#options.logger.warning(this.#messageOf(result.error))
    const isKnown = !result.lost.some(({ what }) => what === 'status' || what === 'statusLabel')
    if (isKnown || isGone(result.error)) return { type: 'done', result: own }
    return { type: 'handed-over', begun: true }
  }

  #messageOf(error: PortDispatchError): string {
    return formatError(error, this.#options.nameOf)
  }
}

/** The first line in the log of a run by which an agent has taken it. */
async function firstTaken(
  port: PortClient,
  runId: string,
  options: CallOptions,
): Promise<string | undefined> {
  const lines: StoredLog[] = []
  for (let page = 0; page < MAX_LOG_PAGES; page++) {
    const read = await port.runs.logs(runId, { limit: LOG_PAGE, offset: page * LOG_PAGE }, options)
    lines.push(...read.filter(({ message }) => message.startsWith(TAKEN)))
    if (read.length < LOG_PAGE) break
  }
  const keys = lines.map(({ createdAt = '', message }) => ({ key: createdAt + message, message }))
  return keys.toSorted((a, b) => (a.key < b.key ? -1 : 1))[0]?.message
}

/** Port refuses the run itself, which no waiting changes. */
function isGone({ status }: PortError): boolean {
  return status === 404 || status === 422 || status === 400
}
