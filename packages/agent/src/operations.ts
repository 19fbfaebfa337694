import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Registry } from 'prom-client'
import { listening } from './sources/listening.ts'
import type { Source } from './work.ts'

export interface OperationsOptions {
  host: string
  port: number
  sources: readonly Source[]
  registry: Registry
  /** Whether the agent has been asked to stop. */
  isStopping: () => boolean
}

/** A listener for probes and for Prometheus, apart from where webhooks come in. */
export interface Operations {
  /** `http://HOST:PORT` */
  address: string
  close(): void
}

/**
 * Serves `/healthz` (the process works), `/readyz` (every source takes runs) and `/metrics`.
 *
 * @throws InputError if it cannot listen there
 */
export async function serveOperations(options: OperationsOptions): Promise<Operations> {
  const { host, port, sources, registry, isStopping } = options
  const app = new Hono()
  app.get('/healthz', ({ text }) => text('ok\n'))
  app.get('/readyz', ({ text }) => {
    const waiting = sources.flatMap(({ name, state }) =>
      state.ready ? [] : [`${name}: ${state.reason}`],
    )
    if (isStopping()) waiting.push('The agent stops.')
    return waiting.length === 0 ? text('ok\n') : text(`${waiting.join('\n')}\n`, 503)
  })
  app.get('/metrics', async () => {
    const text = await registry.metrics()
    return new Response(text, { headers: { 'content-type': registry.contentType } })
  })
  const server = createServer(getRequestListener(app.fetch))
  server.unref()
  const address = await listening(server, {
    host,
    port,
    scheme: 'http',
    variable: 'PORT_DISPATCH_OPERATIONS_LISTEN',
  })
  return {
    address,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
