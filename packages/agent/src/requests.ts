// Requests to Port and to backends, counted for the metrics.
import type { HttpResponse, Transport } from '@port-dispatch/core/http'
import { PortClient } from '@port-dispatch/core/port'
import type { Connections } from '@port-dispatch/dispatcher'
import { createTransport } from '@port-dispatch/dispatcher/host'
import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'
import type { AgentSettings } from './settings/settings.ts'
import type { Environment } from './settings/variables.ts'

interface Surroundings {
  /** For proxies. */
  env: Environment
  metrics: Metrics
}

/** Counts the requests to Port, and says once that it is away. */
export function portClient(
  { clientId, clientSecret, baseUrl }: AgentSettings['port'],
  { env, metrics, log }: Surroundings & { log: Logger },
): PortClient {
  let isAway = false
  const onResult = (status: number | 'failed') => {
    const fails = status === 'failed' || status >= 500
    if (fails && !isAway) log.warn({ status }, 'Port does not respond. Runs wait until it does.')
    if (!fails && isAway) log.info('Port responds again.')
    isAway = fails
  }
  return new PortClient({
    clientId,
    clientSecret,
    ...(baseUrl !== undefined && { baseUrl }),
    transport: counted(createTransport(env), 'port', metrics, onResult),
    onRetry: () => metrics.retried('port'),
  })
}

/** Counts the requests to webhooks, which have a client of their own. */
export function countedWebhooks(connections: Connections, metrics: Metrics): Connections {
  const webhook = {
    ...connections.webhook,
    onResponse: (status: number | 'failed') => metrics.request('webhook', status),
    onRetry: () => metrics.retried('webhook'),
  }
  return { ...connections, webhook }
}

/** GitLab is called as webhooks are where their certificates are not checked: to Port's agent it is one of them. */
export function backendTransport(
  { gitlab, webhook }: Connections,
  { env, metrics }: Surroundings,
): Transport {
  const transport = createTransport(env)
  const verification = webhook?.verification
  const origin = gitlab?.url === undefined ? undefined : new URL(gitlab.url).origin
  if (verification === undefined || origin === undefined) {
    return counted(transport, 'backend', metrics)
  }
  const unverified = createTransport(env, { verification })
  const send: Transport['send'] = async (request) =>
    await (new URL(request.url).origin === origin ? unverified : transport).send(request)
  return counted({ send }, 'backend', metrics)
}

function counted(
  transport: Transport,
  server: string,
  metrics: Metrics,
  onResult: (status: number | 'failed') => void = () => {},
): Transport {
  return {
    send: async (request) => {
      let response: HttpResponse
      try {
        response = await transport.send(request)
      } catch (error) {
        metrics.request(server, 'failed')
        // A request that we cut says nothing of the server.
        if (!request.signal?.aborted) onResult('failed')
        throw error
      }
      metrics.request(server, response.status, response.headers)
      onResult(response.status)
      return response
    },
  }
}
