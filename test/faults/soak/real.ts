import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { audit, type Entry } from '../audit.ts'
import type { Backend } from '../machine.ts'
import type { Random } from '../random.ts'
import { failing } from '../scene.ts'
import { FAULTS, type FaultName } from '../schedule.ts'
import { toRequest } from '../stand-in/exchange.ts'
import { StandIn } from '../stand-in/stand-in.ts'

const MAIN = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url))
const COMPILE_CACHE = fileURLToPath(
  new URL('../../../node_modules/.cache/compile', import.meta.url),
)
/** GitHub's runner sends SIGKILL ten seconds after it cancels a job; half of that has to do. */
const STOPS_WITHIN_MS = 5_000
/** After these a start has happened, so that its run is found soon. */
const QUICK_FAULTS = ['502 after', 'reset after', 'HTML page', 'empty page', '429 at once'] as const

export interface RealOutcome extends Entry {
  backend: Backend
  signal: 'none' | 'SIGTERM' | 'SIGKILL'
  /** How long the process went on after SIGTERM, in milliseconds. */
  stoppedAfter: number | undefined
  /** It was still loading, and was ended by the system. */
  wasLoading: boolean
}

/** Dispatches by real processes over real sockets, with real signals, some at a time. */
export async function soakProcesses(count: number, random: Random): Promise<RealOutcome[]> {
  const faults: ReturnType<typeof failing>[] = []
  const ci = { createdAfter: () => 0, lag: () => random.upTo(2_000), skew: 900_000 }
  const duration = () => random.upTo(4_000)
  const standIn = new StandIn({
    now: Date.now,
    github: { ...ci, duration, names: 'no', marked: true },
    gitlab: { ...ci, duration },
    fault: (kind) => faults.map((fault) => fault(kind)).find((fault) => fault !== undefined),
  })
  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming
    let text = ''
    for await (const chunk of incoming) text += chunk
    const reply = standIn.reply(toRequest(method, url, new Headers(headers as never), text))
    if (typeof reply === 'string') {
      incoming.socket.destroy()
      return
    }
    const body = 'body' in reply ? JSON.stringify(reply.body) : reply.text
    outgoing.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    outgoing.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  standIn.origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const ran: Omit<RealOutcome, keyof Entry>[] = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const i = next++
      const backend = random.pick<Backend>(['GITHUB', 'GITLAB'])
      const signal = random.pick(['none', 'none', 'SIGTERM', 'SIGKILL'] as const)
      if (random.chance(0.3)) faults.push(failing('start', ...faultOf(random.pick(QUICK_FAULTS))))
      if (random.chance(0.2)) faults.push(failing('read', ...faultOf('502 before')))
      const { id } = standIn.port.createRun(`r_process${i}`)
      const ended = await runOne({
        id,
        backend,
        signal,
        after: 200 + random.upTo(4_000),
        origin: standIn.origin,
      })
      ran[i] = { backend, signal, ...ended }
    }
  }
  await Promise.all([worker(), worker(), worker(), worker()])
  server.closeAllConnections()
  server.close()
  return audit(standIn).flatMap((entry, i) => {
    const one = ran[i]
    return one ? [{ ...entry, ...one }] : []
  })
}

function faultOf(name: FaultName) {
  const { when, what } = FAULTS[name]
  return [when, what] as const
}

interface OneDispatch {
  id: string
  backend: Backend
  signal: RealOutcome['signal']
  /** Milliseconds. */
  after: number
  origin: string
}

async function runOne({
  id,
  backend,
  signal,
  after,
  origin,
}: OneDispatch): Promise<Pick<RealOutcome, 'stoppedAfter' | 'wasLoading'>> {
  const method =
    backend === 'GITHUB'
      ? {
          type: 'GITHUB',
          org: 'acme',
          repo: 'services',
          workflow: 'deploy.yml',
          reportWorkflowStatus: true,
          workflowInputs: { ref: 'main', port_run_id: id },
        }
      : {
          type: 'GITLAB',
          groupName: 'acme',
          projectName: 'release',
          defaultRef: 'main',
          pipelineVariables: { PORT_RUN_ID: id },
        }
  const args = ['dispatch', '--wait', '--timeout', '5m', '--report-timeout', '30s']
  const child = spawn(
    process.execPath,
    [
      '--conditions=port-dispatch-source',
      MAIN,
      ...args,
      '--action',
      JSON.stringify(method),
      '--context',
      JSON.stringify({ run: { id } }),
    ],
    {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        PORT_BASE_URL: origin,
        PORT_CLIENT_ID: 'client',
        PORT_CLIENT_SECRET: 'secret-of-port',
        GITHUB_TOKEN: 'secret-of-github',
        GITHUB_API_URL: origin,
        GITLAB_TOKEN: 'secret-of-gitlab',
        GITLAB_URL: origin,
      },
    },
  )
  const exited = new Promise<number>((resolve) => child.once('close', () => resolve(Date.now())))
  if (signal === 'none') {
    await exited
    return { stoppedAfter: undefined, wasLoading: false }
  }
  await Promise.race([pause(after), exited])
  const sent = Date.now()
  const wasRunning = child.exitCode === null && child.kill(signal)
  const ended = await exited
  const stoppedAfter = signal === 'SIGTERM' && wasRunning ? ended - sent : undefined
  return { stoppedAfter, wasLoading: child.signalCode === 'SIGTERM' }
}

/** What must never be, of processes that were stopped. */
export function stopViolations(outcomes: readonly RealOutcome[]): string[] {
  return outcomes.flatMap(({ id, stoppedAfter = 0, wasLoading, status, label, starts }) => [
    ...(stoppedAfter > STOPS_WITHIN_MS
      ? [`${id} went on for ${stoppedAfter} ms after SIGTERM`]
      : []),
    ...(wasLoading && starts > 0
      ? [`${id} was started, and its process could not be stopped`]
      : []),
    ...(stoppedAfter > 0 &&
    !wasLoading &&
    status === 'IN_PROGRESS' &&
    !/no longer tracked/.test(label)
      ? [`${id} was stopped and left as "${label}" with ${starts} runs`]
      : []),
  ])
}
