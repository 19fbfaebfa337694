import { formatError, type JsonObject, PortDispatchError } from '@port-dispatch/core'
import { type RenderedMethod, toDispatchable } from '@port-dispatch/core/action'
import { GentleStop } from '@port-dispatch/core/http'
import { StoppedError, startOnce } from '@port-dispatch/dispatcher'
import type { Router } from '../routes/router.ts'
import { HANDED_OVER, type Refusal, type Result, type Settlement, type Work } from '../work.ts'
import { Execution, type Prepared } from './execution.ts'
import { type Bounds, type ExecutionOptions, Sightings } from './one-run.ts'
import { RunReport } from './run-report.ts'

export interface ExecutorOptions extends Omit<ExecutionOptions, 'begunSince'> {
  router: Router
}

/** Executes runs: never twice, and until Port knows how each of them ended. */
export class Executor {
  readonly #options: ExecutorOptions & ExecutionOptions

  constructor(options: ExecutorOptions) {
    this.#options = { ...options, begunSince: new Sightings() }
  }

  /** Decides what is executed. Sends nothing. */
  async prepare(work: Work): Promise<Prepared> {
    const routed = await this.#options.router.route(work)
    return { work, routed, ...(routed.type === 'method' && limitsOf(routed.method, work.context)) }
  }

  /** Executes a run, or goes on with what another process began. */
  async run(prepared: Prepared, bounds: Bounds): Promise<Settlement> {
    const { work, routed } = prepared
    if (work.isChange) return await this.#runChange(work, routed, bounds)
    return await new Execution(this.#options, prepared, bounds).settle()
  }

  /** A change of the catalog belongs to no run: there is nothing to ask, nor to report. */
  async #runChange(
    work: Work,
    routed: Prepared['routed'],
    { letGo, stop, onStarted }: Bounds,
  ): Promise<Settlement> {
    const { dispatcher, loggerFor, observer, clock, nameOf } = this.#options
    const logger = loggerFor(work)
    const settle = (result: Result, backend: string): Settlement => {
      const settlement: Settlement = { type: 'done', result }
      observer.settled(work, backend, settlement)
      return settlement
    }
    if (letGo.aborted) return HANDED_OVER
    if (routed.type === 'refused') {
      logger.warning(routed.message)
      return settle('refused', 'none')
    }
    // What has not been sent when the change is let go of is not sent, and what has been sent has its response.
    const start = new AbortController()
    const onLetGo = () => start.abort(new GentleStop(letGo.reason, stop))
    letGo.addEventListener('abort', onLetGo, { once: true })
    try {
      const plan = await dispatcher.plan(routed.method, {
        context: work.context,
        portRunId: work.runId,
        signal: letGo,
      })
      const started = await startOnce({
        plan,
        clock,
        logger,
        signal: stop,
        startSignal: start.signal,
      })
      observer.started(work, plan.type, clock.now())
      if (started.type !== 'run') logger.info(started.message)
      const isFailure = started.type === 'ended' && started.outcome.status === 'FAILURE'
      return settle(isFailure ? 'failure' : 'accepted', plan.type)
    } catch (error) {
      if (error instanceof StoppedError) return HANDED_OVER
      if (letGo.aborted) return { type: 'handed-over', begun: true }
      if (!(error instanceof PortDispatchError)) throw error
      logger.warning(formatError(error, nameOf))
      return settle('failure', routed.method.type)
    } finally {
      letGo.removeEventListener('abort', onLetGo)
      await onStarted()
    }
  }

  /** Logs what is no work. If it names a run, that run fails in Port. */
  async refuse({ source, message, runId, mayBeOthers }: Refusal, stop: AbortSignal): Promise<void> {
    const logger = this.#options.loggerFor({ source, runId: runId ?? '' })
    if (runId === undefined) return logger.warning(message)
    const report = new RunReport({ ...this.#options, logger, runId, source, signal: stop })
    if (mayBeOthers && (await report.take()).type !== 'announced') return
    await report.end({ status: 'FAILURE', statusLabel: 'Not started', message }, 'refused')
  }
}

/** What a method is limited by. A method that cannot be dispatched is limited by nothing, and refused later. */
function limitsOf(
  method: RenderedMethod,
  context: JsonObject,
): Pick<Prepared, 'target' | 'repository'> {
  try {
    const dispatchable = toDispatchable(method, { inputs: context.inputs })
    switch (dispatchable.type) {
      case 'GITHUB': {
        const repository = `${dispatchable.org}/${dispatchable.repo}`.toLowerCase()
        return { repository, target: `${repository}/${dispatchable.workflow}` }
      }
      case 'GITLAB':
        return { repository: dispatchable.project, target: dispatchable.project }
      case 'WEBHOOK':
        return { target: new URL(dispatchable.url).host }
      default:
        return {}
    }
  } catch (error) {
    if (error instanceof PortDispatchError) return {}
    throw error
  }
}
