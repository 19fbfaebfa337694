import { PortDispatchError } from '@port-dispatch/core'
import type { RenderedMethod } from '@port-dispatch/core/action'
import { isProvisionalId, type PortRun } from '@port-dispatch/core/port'
import { isNodeRunId } from '@port-dispatch/core/run'
import {
  BackendError,
  type Exchange,
  type Plan,
  type StartedOnce,
  StoppedError,
  startOnce,
  UnsettledError,
} from '@port-dispatch/dispatcher'
import type { Interpret, MappedReport, Routed } from '../routes/router.ts'
import { HANDED_OVER, type Settlement, type Work } from '../work.ts'
import { continueRun } from './continue-run.ts'
import { type Earlier, earlierOf } from './earlier.ts'
import { linkAndFollow } from './follow-run.ts'
import { type Bounds, done, type ExecutionOptions, LEFT, NOT_STARTED, OneRun } from './one-run.ts'

/** What is executed for a run, and what it is limited by. */
export interface Prepared {
  work: Work
  routed: Routed
  /** The workflow, project or host that is called. */
  target?: string
  /** The repository or project, where there is one. */
  repository?: string
}

/** One run on its way: asked about, announced, started once, linked, followed, ended. */
export class Execution {
  readonly #run: OneRun
  readonly #routed: Routed
  /** The backend, once it is known, for the metrics. */
  #backend = 'none'
  #hasStarted = false

  constructor(options: ExecutionOptions, { work, routed }: Prepared, bounds: Bounds) {
    this.#run = new OneRun(options, work, bounds)
    this.#routed = routed
  }

  async settle(): Promise<Settlement> {
    const settlement = await this.#settle()
    // Whoever else could get it must not.
    if (settlement.type === 'done') await this.#run.claim()
    this.#run.close()
    const { options, work } = this.#run
    options.observer.settled(work, this.#backend, settlement)
    return settlement
  }

  async #settle(): Promise<Settlement> {
    const routed = this.#routed
    const { logger } = this.#run
    if (routed.type === 'refused') return await this.#unplanned(routed.message, 'refused')
    if (routed.by !== undefined) logger.info(`Executing what ${routed.by} says.`)
    for (const note of routed.notes ?? []) logger.notice(note)
    let plan: Plan | undefined
    try {
      plan = await this.#planned(routed.method, routed.interpret)
      return (await this.#earlier(plan)) ?? (await this.#start(plan, routed.interpret))
    } catch (thrown) {
      return await this.#afterError(thrown, plan, routed.interpret)
    }
  }

  /** What was begun before is not given up because its backend is away when another agent comes to it. */
  async #planned(method: RenderedMethod, interpret: Interpret | undefined): Promise<Plan> {
    try {
      return await this.#plan(method, interpret)
    } catch (error) {
      if (!(error instanceof BackendError) || error.status === 404) throw error
      const earlier = await this.#shown()
      if (earlier?.type !== 'sent' && earlier?.type !== 'begun') throw error
      const run = this.#run
      // It can take a while, and starts nothing.
      run.bounds.makeRoom()
      const plan = await run.untilShown(() => this.#plan(method, interpret))
      if (plan === undefined || plan === 'hidden') throw error
      return plan
    }
  }

  /** How far the run came, where it may have been begun: what Port shows, without a plan. */
  async #shown(): Promise<Earlier | undefined> {
    const { work, report, signal } = this.#run
    if (work.mayHaveBegun === 'no') return undefined
    const portRun = await report.reporter.read()
    return portRun && !signal.aborted ? earlierOf(portRun, { endsPortRun: false }) : undefined
  }

  async #plan(method: RenderedMethod, interpret: Interpret | undefined): Promise<Plan> {
    const { work, options, signal } = this.#run
    const { context, runId } = work
    this.#backend = method.type
    const plan = await options.dispatcher.plan(method, {
      inputs: context.inputs,
      context,
      portRunId: runId,
      signal,
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
    const { work, report, signal } = this.#run
    if (work.mayHaveBegun === 'no' && plan.runs) return undefined
    const portRun = await report.reporter.read()
    if (signal.aborted) return HANDED_OVER
    return portRun && (await continueRun(this.#run, plan, portRun))
  }

  async #start(plan: Plan, interpret: Interpret | undefined): Promise<Settlement> {
    const run = this.#run
    const { report, work, bounds } = run
    const announced = await report.announce(plan)
    if (announced.type === 'gone') return done('skipped')
    if (announced.type === 'taken') {
      run.logger.info('Another agent has taken the run.')
      return done('skipped')
    }
    if (announced.type === 'closed') {
      return (await continueRun(run, plan, announced.run)) ?? HANDED_OVER
    }
    const portRun = announced.type === 'announced' ? announced.run : undefined
    const { externalRunId } = portRun ?? {}
    const before = externalRunId && !isProvisionalId(externalRunId) ? portRun : undefined
    // The response shows a run that was linked by somebody of whom the source did not know.
    const linked = before && (await continueRun(run, plan, before))
    if (linked) return linked
    if (bounds.letGo.aborted || announced.type === 'stopped') {
      run.abandon()
      await report.giveBack()
      return announced.type === 'stopped' ? HANDED_OVER : NOT_STARTED
    }
    run.begin()
    const { clock, observer } = run.options
    const started = await startOnce({
      plan,
      clock,
      logger: run.logger,
      reporter: report.reporter,
      portRunId: work.runId,
      before,
      signal: bounds.stop,
      startSignal: run.startSignal,
    })
    this.#hasStarted = true
    observer.started(work, plan.type, clock.now())
    return await this.#afterStart(plan, started, interpret, before)
  }

  async #afterStart(
    plan: Plan,
    started: StartedOnce,
    interpret: Interpret | undefined,
    before: PortRun | undefined,
  ): Promise<Settlement> {
    const { report, options, work } = this.#run
    switch (started.type) {
      case 'accepted': {
        const { message } = started
        const mapped = await this.#interpreted(started, interpret)
        return mapped ? await report.mapped(mapped, { message }) : await report.sent(message)
      }
      case 'ended': {
        const { outcome, message, response, httpStatus = 200 } = started
        if (response !== undefined || isNodeRunId(work.runId)) {
          const shown = response === undefined ? undefined : options.redactor.json(response)
          await report.reporter.saveResponse(shown, httpStatus)
        }
        const mapped = await this.#interpreted(started, interpret)
        if (mapped) return await report.mapped(mapped, { ...outcome, message })
        return plan.endsPortRun
          ? await report.end({ ...outcome, message })
          : await report.sent(message)
      }
      case 'run':
        return await linkAndFollow(this.#run, plan, started, before)
    }
  }

  async #interpreted(
    { exchange }: { exchange?: Exchange | undefined },
    interpret: Interpret | undefined,
  ): Promise<MappedReport | undefined> {
    if (!exchange || !interpret) return undefined
    const { logger } = this.#run
    try {
      const mapped = await interpret(exchange)
      for (const note of mapped.notes ?? []) logger.notice(note)
      return mapped
    } catch (error) {
      if (!(error instanceof PortDispatchError)) throw error
      logger.warning(this.#run.messageOf(error))
      return undefined
    }
  }

  /** The one place that decides what an error does to the run. */
  async #afterError(
    thrown: unknown,
    plan: Plan | undefined,
    interpret: Interpret | undefined,
  ): Promise<Settlement> {
    const run = this.#run
    if (thrown instanceof StoppedError) {
      await run.report.giveBack()
      return NOT_STARTED
    }
    const isKnown = thrown instanceof PortDispatchError
    const message = isKnown ? run.messageOf(thrown) : `Unexpected error: ${String(thrown)}`
    if (thrown instanceof UnsettledError && plan) return await run.unknown(plan, message)
    if (run.signal.aborted) return run.isBegun ? LEFT : HANDED_OVER
    if (this.#hasStarted) return await run.fail(message, 'Status unavailable', 'unknown')
    if (!plan) return await this.#unplanned(message)
    if (!(thrown instanceof BackendError)) return await run.fail(message, 'Not started')
    const statusLabel = thrown.label ?? 'Not started'
    const mapped = await this.#interpreted(thrown, interpret)
    if (!mapped) return await run.fail(message, statusLabel)
    run.begin()
    return await run.report.mapped(mapped, { status: 'FAILURE', statusLabel, message })
  }

  /** What cannot be planned now may have been started before: only Port can say that it was not. */
  async #unplanned(message: string, result?: 'refused'): Promise<Settlement> {
    const run = this.#run
    const earlier = await this.#shown()
    if (run.signal.aborted) return HANDED_OVER
    switch (earlier?.type) {
      case undefined:
      case 'fresh':
        if (run.work.mayHaveBegun === 'yes') return done('skipped')
        return await run.fail(message, 'Not started', result)
      case 'over':
        return done('skipped')
      case 'given-up':
        return done('unknown')
      default:
        run.begin()
        return await run.report.unknown(message)
    }
  }
}
