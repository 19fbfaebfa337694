import { parseAction, parseTriggerData } from '@port-dispatch/core/action'
import { Http } from '@port-dispatch/core/http'
import { InstantClock } from '../../../../test/support/instant-clock.ts'
import {
  Dispatcher,
  type DispatchResult,
  dispatch,
  type Plan,
  planning,
  type WebhookConnection,
} from '../../src/index.ts'

export const SECRET = 'client-secret-of-the-organization'

export interface Sending {
  /** Fields of the invocation method besides its type. */
  method: Record<string, unknown>
  webhook?: WebhookConnection
  context?: Record<string, unknown>
  clock?: InstantClock
  signal?: AbortSignal
}

function optionsFor({
  method,
  webhook,
  context = {},
  clock = new InstantClock(),
  signal,
}: Sending) {
  const connection = { clientSecret: SECRET, allowHosts: ['127.0.0.1'], ...webhook }
  return {
    dispatcher: new Dispatcher({ webhook: connection }, { http: new Http({ clock }) }),
    action: parseAction({ type: 'WEBHOOK', ...method }),
    triggerData: parseTriggerData({ run: { id: 'r_1' }, ...context }),
    signal,
  }
}

/** A dispatch without Port. Time passes only when something waits. */
export async function send(sending: Sending): Promise<DispatchResult> {
  return await dispatch(optionsFor(sending))
}

/** What a dispatch that must not succeed fails with. */
export async function failureOf(sending: Sending): Promise<unknown> {
  return await send(sending).then(
    (result) => {
      throw new Error(`It did not fail: ${JSON.stringify(result)}`)
    },
    (error: unknown) => error,
  )
}

export async function planOf(sending: Sending): Promise<Plan> {
  const steps = planning(optionsFor(sending))
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
  }
}
