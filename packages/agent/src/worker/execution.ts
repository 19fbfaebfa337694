import { formatError, type Logger, PortDispatchError } from '@port-dispatch/core'
import type { RenderedMethod } from '@port-dispatch/core/action'
import { backoff } from '@port-dispatch/core/http'
import type { PortRun } from '@port-dispatch/core/port'
import {
  BackendError,
  conclude,
  type Dispatcher,
  type Exchange,
  follow,
  type Plan,
  type RunRef,
  type RunState,
  type StartedOnce,
  StoppedError,
  startOnce,
  UnsettledError,
} from '@port-dispatch/dispatcher'
import type { Observer } from '../observer.ts'
import type { Interpret, MappedReport, Routed } from '../routes/router.ts'
import type { Result, Settlement, Work } from '../work.ts'
import { earlierOf, LABELS, nodeRunMark } from './earlier.ts'
import { type ReportingOptions, RunReport } from './run-report.ts'

export interface ExecutionOptions extends ReportingOptions {
  dispatcher: Dispatcher
  /** Milliseconds that the run of a backend is followed. */
  followTimeout: number
  /** `same-key`: a webhook of which it is unknown whether it arrived is sent again with its `Idempotency-Key`. */
  resend: 'never' | 'same-key'
  /** The logger of one run. */
  loggerFor: (work: Pick<Work, 'runId' | 'source' | 'action'>) => Logger
  observer: Observer
}

/** What is executed for a run, and what it is limited by. */
export interface Prepared {
  work: Work
  routed: Routed
  /** The workflow, project or host that is called. */
  target?: string
  /** The repository or project, where there is one. */
  repository?: string
}

/** How an execution is bounded. */
export interface Bounds {
  /** Nothing is started after it, and what runs is followed no longer. */
  letGo: AbortSignal
  /** The time is up: what is under way ends now. */
  stop: AbortSignal
  /** Called while nothing more will be started for a while: room for another run. */
  makeRoom: () => void
  /** Called once what was started is linked in Port, or nothing will be. It makes room as well. */
  onStarted: () => Promise<void>
}

const FIRST_READ_WITHIN_MS = 2_000
/** Clocks differ: a run of the backend can seem older than its Port run. */
const CLOCK_SLACK_MS = 300_000
/** As long as following a run goes on although the backend refuses to show it. */
const HIDDEN_WITHIN_MS = 300_000
const SEARCH_PACE = { first: 1_000, last: 10_000, growth: 1.5, jitter: 0.25 }

const HANDED_OVER: Settlement = { type: 'handed-over' }
/** Handed over, and something was started, or may have been. */
const LEFT: Settlement = { type: 'handed-over', begun: true }

/** Made once: without a reason, each abort makes an error with a stack. */
const SETTLED = new Error('The run is settled.')

/** One run on its way: asked about, announced, started once, linked, followed, ended. */
export class Execution {
  readonly #options: ExecutionOptions
  readonly #work: Work
  readonly #routed: Routed
  readonly #bounds: Bounds
  readonly #logger: Logger
  readonly #report: RunReport
  /** Ends the waiting for Port: before the start when the run is let go of, later when the time is up. */
  readonly #phase = new AbortController()
  readonly #settled = new AbortController()
  #isBegun = false
  #isOurs = false
  #backend = 'none'

  constructor(options: ExecutionOptions, { work, routed }: Prepared, bounds: Bounds) {
    this.#options = options
    this.#work = work
    this.#routed = routed
    this.#bounds = bounds
    this.#logger = options.loggerFor(work)
    const { letGo, stop } = bounds
    const onStop = () => this.#phase.abort(stop.reason)
    const onLetGo = () => {
      if (!this.#isBegun) this.#phase.abort(letGo.reason)
    }
    // The signals outlive the run.
    stop.addEventListener('abort', onStop, { signal: this.#settled.signal })
    letGo.addEventListener('abort', onLetGo, { signal: this.#settled.signal })
    if (stop.aborted) onStop()
    if (letGo.aborted) onLetGo()
    const { signal } = this.#phase
    this.#report = new RunReport({ ...options, logger: this.#logger, runId: work.runId, signal })
  }

  async settle(): Promise<Settlement> {
    const settlement = await this.#settle()
    // Whoever else could get it must not.
    if (settlement.type === 'done') await this.#ours()
    this.#settled.abort(SETTLED)
    this.#options.observer.settled(this.#work, this.#backend, settlement)
    return settlement
  }

  async #settle(): Promise<Settlement> {
    const routed = this.#routed
    if (routed.type === 'refused') return await this.#fail(routed.message, 'Not started', 'refused')
    if (routed.by !== undefined) this.#logger.info(`Executing what ${routed.by} says.`)
    for (const note of routed.notes ?? []) this.#logger.notice(note)
    let plan: Plan | undefined
    try {
      plan = await this.#plan(routed.method, routed.interpret)
      return (await this.#earlier(plan)) ?? (await this.#start(plan, routed.interpret))
    } catch (thrown) {
      if (thrown instanceof StoppedError || this.#phase.signal.aborted) return HANDED_OVER
      if (thrown instanceof UnsettledError && plan) return await this.#unknown(plan, thrown)
      return await this.#notStarted(thrown, routed.interpret)
    }
  }

  async #plan(method: RenderedMethod, interpret: Interpret | undefined): Promise<Plan> {
    const { context, runId } = this.#work
    this.#backend = method.type
    const plan = await this.#options.dispatcher.plan(method, {
      inputs: context.inputs,
      context,
      portRunId: runId,
      signal: this.#phase.signal,
      ...(interpret && { exchange: 'keep' }),
    })
    this.#backend = plan.type
    return plan
  }

  /**
   * Asks Port before anything is announced, unless the source proves that nobody began it. What cannot be searched at
   * its backend leaves its traces in Port only, which the announcement replaces.
   *
   * @returns undefined if nothing was begun
   */
  async #earlier(plan: Plan): Promise<Settlement | undefined> {
    if (this.#work.mayHaveBegun === 'no' && plan.runs) return undefined
    const run = await this.#report.reporter.read()
    if (this.#phase.signal.aborted) return HANDED_OVER
    return run && (await this.#goOn(plan, run))
  }

  /** Goes on where somebody else came to an end. */
  async #goOn(plan: Plan, run: PortRun): Promise<Settlement | undefined> {
    const earlier = earlierOf(run, plan)
    switch (earlier.type) {
      case 'fresh':
        return undefined
      case 'over':
        this.#logger.info(`The run ${earlier.why}. Nothing was started.`)
        return done('skipped')
      case 'sent':
        // Nobody waits any more for the response of a synchronized webhook.
        return plan.endsPortRun && !plan.runs ? await this.#unknown(plan) : done('accepted')
      case 'given-up':
        return done('unknown')
      case 'linked':
        return await this.#followOn(plan, earlier.externalRunId, run)
      case 'begun':
        if (plan.type === 'WEBHOOK' && this.#options.resend === 'same-key') return undefined
        return await this.#search(plan, run)
    }
  }

  async #followOn(plan: Plan, externalRunId: string, before: PortRun): Promise<Settlement> {
    this.#isBegun = true
    const ref = await this.#untilShown(() => plan.runs?.refOf(externalRunId), HIDDEN_WITHIN_MS)
    if (this.#bounds.letGo.aborted) return LEFT
    if (ref === 'hidden') {
      const message = `The run ${externalRunId} of ${plan.target}, which was started before, is not shown any more.`
      return await this.#fail(message, 'Status unavailable', 'unknown')
    }
    if (!ref) {
      this.#logger.notice(
        `The run has the external run ID ${externalRunId}, which is not a run of ${plan.target}. Nothing was started.`,
      )
      return done('skipped')
    }
    this.#logger.info(`Following ${externalRunId}, which was started before.`)
    await this.#ours()
    return await this.#follow(plan, ref, { status: 'created', url: '', ...ref }, before)
  }

  /** Looks for what an earlier process may have started. It is never started again. */
  async #search(plan: Plan, run: PortRun): Promise<Settlement> {
    const { clock } = this.#options
    const { runs } = plan
    if (!runs) return await this.#unknown(plan)
    // The search can take minutes, and starts nothing.
    this.#bounds.makeRoom()
    const created = Date.parse(run.createdAt ?? '')
    const { sentAt, receivedAt, runId } = this.#work
    const sent = (Number.isNaN(created) ? (sentAt ?? receivedAt) : created) - CLOCK_SLACK_MS
    const search = { portRunId: runId, sent, answered: clock.now() }
    const until = clock.now() + runs.appearsWithin('lost')
    for (let pauses = 0; ; pauses++) {
      const found = await this.#untilShown(() => runs.find(search), HIDDEN_WITHIN_MS)
      if (this.#bounds.letGo.aborted) return LEFT
      if (found === 'hidden') return await this.#unknown(plan)
      if (found?.ours) {
        this.#isBegun = true
        return await this.#linkAndFollow(plan, { run: found.ours }, run)
      }
      if (clock.now() >= until) return await this.#unknown(plan)
      await this.#sleep(backoff(pauses, SEARCH_PACE))
    }
  }

  /**
   * Asks a backend until it responds; undefined if the run is let go of meanwhile.
   *
   * @param hiddenWithin milliseconds after which a 404 is believed
   */
  async #untilShown<T>(
    look: () => Promise<T> | undefined,
    hiddenWithin = Number.POSITIVE_INFINITY,
  ): Promise<T | 'hidden' | undefined> {
    const { clock } = this.#options
    const until = clock.now() + hiddenWithin
    for (let pauses = 0; !this.#bounds.letGo.aborted; pauses++) {
      try {
        return await look()
      } catch (error) {
        if (!(error instanceof BackendError)) throw error
        if (error.status === 404 && clock.now() >= until) return 'hidden'
        this.#logger.warning(`${this.#messageOf(error)} Trying again.`)
        await this.#sleep(Math.max(error.retryAfter ?? 0, backoff(pauses, SEARCH_PACE)))
      }
    }
    return undefined
  }

  /** The caller looks at the signal afterwards. */
  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#bounds.letGo).catch(() => {})
  }

  async #start(plan: Plan, interpret: Interpret | undefined): Promise<Settlement> {
    const announced = await this.#report.announce(plan)
    if (announced.type === 'gone') return done('skipped')
    if (announced.type === 'closed') return (await this.#goOn(plan, announced.run)) ?? HANDED_OVER
    const run = announced.type === 'announced' ? announced.run : undefined
    const mark = nodeRunMark(this.#work.runId)
    const before = run?.externalRunId && run.externalRunId !== mark ? run : undefined
    // The response shows a run that was linked by somebody of whom the source did not know.
    const linked = before && (await this.#goOn(plan, before))
    if (linked) return linked
    if (this.#bounds.letGo.aborted || announced.type === 'stopped') {
      if (!this.#phase.signal.aborted) this.#phase.abort(this.#bounds.letGo.reason)
      await this.#report.giveBack()
      return HANDED_OVER
    }
    this.#isBegun = true
    const { clock, observer } = this.#options
    const started = await startOnce({
      plan,
      clock,
      logger: this.#logger,
      reporter: this.#report.reporter,
      portRunId: this.#work.runId,
      before,
      signal: this.#bounds.stop,
    })
    observer.started(this.#work, plan.type, clock.now())
    return await this.#afterStart(plan, started, interpret, before)
  }

  async #afterStart(
    plan: Plan,
    started: StartedOnce,
    interpret: Interpret | undefined,
    before: PortRun | undefined,
  ): Promise<Settlement> {
    switch (started.type) {
      case 'accepted': {
        const { message } = started
        const mapped = await this.#interpreted(started, interpret)
        return mapped
          ? await this.#report.mapped(mapped, { message })
          : await this.#report.sent(message)
      }
      case 'ended': {
        const { outcome, message, response } = started
        if (response !== undefined) {
          await this.#report.reporter.saveResponse(this.#options.redactor.json(response))
        }
        const mapped = await this.#interpreted(started, interpret)
        if (mapped) return await this.#report.mapped(mapped, { ...outcome, message })
        return plan.endsPortRun
          ? await this.#report.end({ ...outcome, message })
          : await this.#report.sent(message)
      }
      case 'run':
        return await this.#linkAndFollow(plan, started, before)
    }
  }

  async #linkAndFollow(
    plan: Plan,
    { run, guess }: { run: RunRef; guess?: true },
    before: PortRun | undefined,
  ): Promise<Settlement> {
    const state = await this.#firstState(plan, run)
    // What is only a guess must not stand where the work itself would write its own id.
    const { externalRunId: _, ...known } = state
    const linked = await this.#report.linked(guess ? known : state)
    // Whoever has it next finds it by its id.
    if (linked === 'not-linked' && this.#phase.signal.aborted) return LEFT
    await this.#ours()
    return await this.#follow(plan, run, state, before, guess)
  }

  async #firstState({ runs }: Plan, run: RunRef): Promise<RunState> {
    const known: RunState = { status: 'created', url: '', ...run }
    if (!runs || (run.url && run.externalRunId)) return known
    try {
      return await runs.read(run, this.#options.clock.timeout(FIRST_READ_WITHIN_MS))
    } catch {
      // The link does not wait for it; following says what is wrong.
      return known
    }
  }

  async #follow(
    plan: Plan,
    run: RunRef,
    first: RunState,
    before: PortRun | undefined,
    guess?: true,
  ): Promise<Settlement> {
    const { runs } = plan
    if (!plan.endsPortRun) return done('accepted')
    if (!runs) {
      this.#logger.notice(
        `${plan.target} is not followed, because there is no token that can read it. It must end the Port run.`,
      )
      return done('accepted')
    }
    const { clock, followTimeout: timeout } = this.#options
    const logger = this.#logger
    const bounds = { timeout, clock, logger, signal: this.#bounds.letGo }
    const followed = await follow(runs, run, first, bounds)
    if (followed.type === 'stopped') return LEFT
    const other = guess && (await this.#reportedInstead(plan, run, before))
    if (other) {
      logger.warning(`The run reported itself as ${other.externalRunId}: the guess was wrong.`)
      return await this.#linkAndFollow(plan, { run: other }, before)
    }
    const end = await conclude(
      { plan, runs, clock, logger, timeout, onCancel: 'leave', endsPortRun: true },
      run,
      followed,
    )
    const outcome = end.outcome ?? { status: 'FAILURE', statusLabel: 'Status unavailable' }
    return await this.#report.end({ ...outcome, message: end.message })
  }

  /** The run that the work reported meanwhile, where another was guessed. */
  async #reportedInstead(
    { runs }: Plan,
    guess: RunRef,
    before: PortRun | undefined,
  ): Promise<RunRef | undefined> {
    const { externalRunId } = (await this.#report.reporter.read()) ?? {}
    if (!externalRunId || [guess.externalRunId, before?.externalRunId].includes(externalRunId)) {
      return undefined
    }
    const other = await this.#untilShown(() => runs?.refOf(externalRunId), HIDDEN_WITHIN_MS)
    return other === 'hidden' ? undefined : other
  }

  async #interpreted(
    { exchange }: { exchange?: Exchange | undefined },
    interpret: Interpret | undefined,
  ): Promise<MappedReport | undefined> {
    if (!exchange || !interpret) return undefined
    try {
      const mapped = await interpret(exchange)
      for (const note of mapped.notes ?? []) this.#logger.notice(note)
      return mapped
    } catch (error) {
      if (!(error instanceof PortDispatchError)) throw error
      this.#logger.warning(this.#messageOf(error))
      return undefined
    }
  }

  /** Ends a run for which nothing was started. */
  async #notStarted(thrown: unknown, interpret: Interpret | undefined): Promise<Settlement> {
    if (!(thrown instanceof PortDispatchError)) {
      return await this.#fail(`Unexpected error: ${String(thrown)}`, 'Not started')
    }
    const message = this.#messageOf(thrown)
    if (!(thrown instanceof BackendError)) return await this.#fail(message, 'Not started')
    const statusLabel = thrown.label ?? 'Not started'
    const mapped = await this.#interpreted(thrown, interpret)
    if (!mapped) return await this.#fail(message, statusLabel)
    this.#isBegun = true
    return await this.#report.mapped(mapped, { status: 'FAILURE', statusLabel, message })
  }

  async #fail(message: string, statusLabel: string, result?: Result): Promise<Settlement> {
    // From here on only the end of the time ends the waiting for Port.
    this.#isBegun = true
    return await this.#report.end({ status: 'FAILURE', statusLabel, message }, result)
  }

  /** Says that it is unknown whether something was started; it is not started again. */
  async #unknown(plan: Plan, error?: UnsettledError): Promise<Settlement> {
    const lost = `It is unknown whether an agent that ended had started ${plan.target}.`
    const message = error ? this.#messageOf(error) : (plan.unsettled ?? lost)
    if (plan.endsPortRun) return await this.#fail(message, LABELS.unknown, 'unknown')
    this.#isBegun = true
    return await this.#report.unknown(message)
  }

  /** Makes the run ours for the source, and makes room for another. */
  async #ours(): Promise<void> {
    if (this.#isOurs) return
    this.#isOurs = true
    await this.#bounds.onStarted()
  }

  #messageOf(error: PortDispatchError): string {
    return formatError(error, this.#options.nameOf)
  }
}

function done(result: Result): Settlement {
  return { type: 'done', result }
}
