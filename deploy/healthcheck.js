// Whether the agent in this container works: exit code 0 if /healthz responds with 200. The image has no shell or curl.
import { request } from 'node:http'

const [, host = '', port = '9090'] =
  /^(?:(.*):)?(\d+)$/.exec(process.env.PORT_DISPATCH_OPERATIONS_LISTEN?.trim() ?? '') ?? []
const isAny = ['', '0.0.0.0', '::', '[::]'].includes(host)
const sent = request(
  {
    host: isAny ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1'),
    port,
    path: '/healthz',
    timeout: 4_000,
  },
  (response) => {
    response.resume()
    process.exitCode = response.statusCode === 200 ? 0 : 1
  },
)
sent.on('timeout', () => sent.destroy(new Error('no response')))
sent.on('error', (error) => {
  process.stderr.write(`The agent does not respond: ${error.message}\n`)
  process.exitCode = 1
})
sent.end()
