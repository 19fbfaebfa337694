// Counts the requests that a dispatch costs, on a clock on which waiting takes no time.
import { fetchTransport } from '@port-dispatch/core/http'
import type { Dispatcher } from '@port-dispatch/dispatcher'
import {
  defaultDefinition,
  type Exchange,
  type Sandbox,
  startSandbox,
} from '@port-dispatch/sandbox'
import { dispatcherOf, dispatchOn } from '../../test/support/dispatch-on.ts'
import { SharedClock } from './shared-clock.ts'

const TEN_MINUTES_S = 600
const HOUR_MS = 3_600_000
const MANY = 1_000
/** Requests that GitHub allows a token in an hour. */
const GITHUB_LIMIT = 5_000

export async function run(): Promise<void> {
  await oneRun()
  await manyRuns()
}

async function oneRun(): Promise<void> {
  const clock = new SharedClock()
  const sandbox = await start(clock)
  const dispatcher = dispatcherOf(sandbox, { clock, transport: fetchTransport(clock.fetch) })
  const { id } = sandbox.createPortRun('deploy_service')
  await clock.run([dispatchOnce(sandbox, dispatcher, clock, id)])
  console.log('\nA reported GitHub run of 10 minutes, without a ref: requests')
  console.table(countBy(sandbox.exchanges, nameOf))
  await sandbox.close()
}

async function manyRuns(): Promise<void> {
  const clock = new SharedClock()
  const sandbox = await start(clock)
  const dispatcher = dispatcherOf(sandbox, { clock, transport: fetchTransport(clock.fetch) })
  const begin = clock.now()
  const ids = Array.from({ length: MANY }, () => sandbox.createPortRun('deploy_service').id)
  await clock.run(ids.map((id) => dispatchOnce(sandbox, dispatcher, clock, id)))
  const hours = (clock.now() - begin) / HOUR_MS
  const reads = sandbox.exchanges.filter(isRead)
  const counted = reads.filter(({ status }) => status !== 304).length
  console.log(
    `\n${MANY} GitHub runs of 10 minutes at once: following them took ${(hours * 60).toFixed(1)} minutes`,
  )
  console.table({
    'requests to follow them': reads.length,
    'of those, not answered by 304': counted,
    'requests per run': Number((reads.length / MANY).toFixed(2)),
    'per hour, not answered by 304': Math.round(counted / hours),
    "part of GitHub's limit": Number((counted / hours / GITHUB_LIMIT).toFixed(2)),
  })
  await sandbox.close()
}

function start(clock: SharedClock): Promise<Sandbox> {
  const [repository] = defaultDefinition.github.repositories
  const deploy = repository?.workflows['deploy.yml']
  if (!repository || !deploy) throw new Error('The default definition has no deploy.yml')
  const endings = [{ after: TEN_MINUTES_S, conclusion: 'success' }]
  const workflows = { 'deploy.yml': { ...deploy, plan: { ...deploy.plan, endings } } }
  const github = {
    ...defaultDefinition.github,
    rateLimit: 1_000_000,
    repositories: [{ ...repository, workflows }],
  }
  return startSandbox({
    now: () => clock.now(),
    definition: { github },
    rememberedExchanges: 100_000,
  })
}

async function dispatchOnce(
  sandbox: Sandbox,
  dispatcher: Dispatcher,
  clock: SharedClock,
  runId: string,
): Promise<void> {
  await dispatchOn(sandbox, {
    dispatcher,
    clock,
    fetch: clock.fetch,
    runId,
    action: {
      type: 'GITHUB',
      org: 'acme',
      repo: 'services',
      workflow: 'deploy.yml',
      workflowInputs: { service: 'checkout', environment: 'staging', port_run_id: runId },
    },
    wait: { timeout: HOUR_MS, onCancel: 'leave' },
  })
}

function isRead({ method, path }: Exchange): boolean {
  return method === 'GET' && /\/actions\/runs(\/\d+)?$/.test(path) && path.startsWith('/api/')
}

function nameOf(exchange: Exchange): string {
  const { service, method, path, status } = exchange
  if (isRead(exchange)) return `GitHub: reading the run, ${status}`
  const last = path.split('/').at(-1) ?? ''
  if (service === 'github') return method === 'GET' ? 'GitHub: default branch' : `GitHub: ${last}`
  return last === 'access_token' || last === 'logs' ? `Port: ${last}` : `Port: ${method} run`
}

function countBy(exchanges: readonly Exchange[], name: (exchange: Exchange) => string) {
  const counts: Record<string, number> = {}
  for (const exchange of exchanges) counts[name(exchange)] = (counts[name(exchange)] ?? 0) + 1
  return counts
}
