import {
  type ErrorCode,
  formatPath,
  InputError,
  isJsonObject,
  type Logger,
  PortDispatchError,
} from '@port-dispatch/core'
import {
  type Action,
  type RenderedInvocation,
  type RenderedMethod,
  renderInvocationMethod,
  type TriggerData,
} from '@port-dispatch/core/action'
import { Http } from '@port-dispatch/core/http'
import type { RunReporter } from '@port-dispatch/core/port'
import type { Backend, Plan } from '../backends/backend.ts'
import { createBackend } from '../backends/create-backend.ts'
import type { Environment } from '../host/environment.ts'
import { endAsNotStarted } from './end-as-not-started.ts'

export interface PrepareOptions {
  /** Finds the action. */
  load: () => Promise<Action>
  triggerData: TriggerData
  /** Tokens and addresses of the backends. */
  env: Environment
  logger: Logger
  reporter?: RunReporter | undefined
  /**
   * What a mistake in action, context or environment does to the Port run: in CI nobody is there to mend it and the run
   * ends; a person at a terminal mends it and tries again.
   */
  onMistake: 'end-run' | 'leave-run'
  /** Whether the run will only be started, or followed too, which needs a token that can read. */
  purpose: 'start' | 'follow'
  /** Sees the payload and what failed in it; what it throws prevents the start. */
  onRendered: (rendered: RenderedInvocation) => void
}

export interface Prepared {
  method: RenderedMethod
  backend: Backend
  plan: Plan
}

const MISTAKES = new Set<ErrorCode>(['INPUT', 'STRICT'])

/**
 * Does all that comes before something is started. What prevents the start ends the run in Port.
 *
 * @throws PortDispatchError of any kind: the action, its templates or its inputs are not valid, or somebody refuses
 */
export async function prepareDispatch(options: PrepareOptions): Promise<Prepared> {
  try {
    return await prepare(options)
  } catch (error) {
    const isMistake = error instanceof PortDispatchError && MISTAKES.has(error.code)
    const endsRun = options.onMistake === 'end-run' || !isMistake
    if (error instanceof PortDispatchError && endsRun) {
      await endAsNotStarted(options.reporter, error, options.logger)
    }
    throw error
  }
}

async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { load, triggerData, env, purpose, onRendered } = options
  const { invocationMethod } = await load()
  const rendered = await renderInvocationMethod(invocationMethod, triggerData)
  onRendered(rendered)
  const { method } = rendered
  noteNulls(method, options.logger)
  const { inputs } = triggerData.context
  const backend = await createBackend(method, {
    http: new Http(),
    env,
    inputs: isJsonObject(inputs) ? inputs : null,
  })
  if (purpose === 'follow' && !backend.canRead) throw cannotFollow()
  return { method, backend, plan: await backend.plan() }
}

function cannotFollow(): InputError {
  return new InputError('The pipeline cannot be followed:', [
    {
      path: 'GITLAB_TOKEN',
      found:
        'is missing; --wait needs an access token with the scope "read_api": a trigger token cannot read',
    },
  ])
}

/** Both systems take text only, so that null becomes a word. */
function noteNulls(method: RenderedMethod, logger: Logger): void {
  const [field, values] =
    method.type === 'GITHUB'
      ? ['workflowInputs', method.workflowInputs]
      : method.type === 'GITLAB'
        ? ['pipelineVariables', method.pipelineVariables]
        : ['', {}]
  for (const [key, value] of Object.entries(values)) {
    if (value !== null) continue
    logger.notice(
      `${formatPath([field, key])} is null and is sent as the text "null". To leave it out, make its key null too: "{{ if … then "${key}" else null end }}".`,
    )
  }
}
