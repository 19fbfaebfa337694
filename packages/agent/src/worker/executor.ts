import type { Clock, JsonObject, Logger, Setting } from '@port-dispatch/core'
import { PortDispatchError } from '@port-dispatch/core'
import { type RenderedMethod, toDispatchable } from '@port-dispatch/core/action'
import type { PortClient } from '@port-dispatch/core/port'
import type { Redactor } from '@port-dispatch/core/text'
import type { Dispatcher } from '@port-dispatch/dispatcher'
import type { Observer } from '../observer.ts'
import type { Routed, Router } from '../routes/router.ts'
import type { Refusal, Settlement, Work } from '../work.ts'
import { Execution } from './execution.ts'
import { RunReport } from './run-report.ts'

export interface ExecutorOptions {
  dispatcher: Dispatcher
  port: PortClient
  router: Router
  /** Milliseconds that the run of a backend is followed. */
  followTimeout: number
  /** `same-key`: a webhook of which it is unknown whether it arrived is sent again with its `Idempotency-Key`. */
  resend: 'never' | 'same-key'
  clock: Clock
  /** The logger of one run. */
  loggerFor: (work: Pick<Work, 'runId' | 'source' | 'action'>) => Logger
  observer: Observer
  redactor: Redactor
  /** The name of a setting for people. */
  nameOf: (setting: Setting) => string
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

/** Executes runs: never twice, and until Port knows how each of them ended. */
export class Executor {
  readonly #options: ExecutorOptions

  constructor(options: ExecutorOptions) {
    this.#options = options
  }

  /** Decides what is executed. Sends nothing. */
  async prepare(work: Work): Promise<Prepared> {
    const routed = await this.#options.router.route(work)
    return { work, routed, ...(routed.type === 'method' && limitsOf(routed.method, work.context)) }
  }

  /** Executes a run, or goes on with what another process began. */
  async run(prepared: Prepared, bounds: Bounds): Promise<Settlement> {
    return await new Execution(this.#options, prepared, bounds).settle()
  }

  /** Logs what is no work. If it names a run, that run fails in Port. */
  async refuse({ source, message, runId }: Refusal, stop: AbortSignal): Promise<void> {
    const logger = this.#options.loggerFor({ source, runId: runId ?? '' })
    if (runId === undefined) return logger.warning(message)
    const report = new RunReport({ ...this.#options, logger, runId, signal: stop })
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
