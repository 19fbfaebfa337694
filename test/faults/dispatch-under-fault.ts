import { type Logger, PortDispatchError } from '@port-dispatch/core'
import type { Fetch } from '@port-dispatch/core/http'
import { defaultDefinition, type Sandbox } from '@port-dispatch/sandbox'
import { exitCodeOfError, exitCodeOfResult } from '../../packages/cli/src/exit-code.ts'
import { startCheckedSandbox } from '../contracts/checked-sandbox.ts'
import { dispatchOn } from '../support/dispatch-on.ts'
import { InstantClock } from '../support/instant-clock.ts'
import { type Fault, INJECTIONS, isFinal, type RequestKind } from './fault.ts'
import { faultyFetch } from './faulty-fetch.ts'

export type BackendType = 'GITHUB' | 'GITLAB'

export interface Cell {
  /** Runs that were started in the CI system. */
  started: number
  /** Final statuses that Port accepted. */
  finals: number
  /** How the run stands in Port in the end. */
  status: string
  statusLabel: string | undefined
  exitCode: number
  /** Everything the user was told. */
  told: string[]
  /** How often the fault struck. */
  struck: number
  /** Milliseconds that would have passed. */
  took: number
}

const ACTIONS = { GITHUB: 'deploy_service', GITLAB: 'provision_database' }
const PROJECT = 'acme/platform/provisioning'
const WAIT = { timeout: 600_000, onCancel: 'leave' } as const

/** A whole dispatch on a clock on which waiting takes no time, with one fault in one kind of request. */
export async function dispatchUnderFault(
  type: BackendType,
  kind: RequestKind,
  fault: Fault,
): Promise<Cell> {
  const clock = new InstantClock()
  const sandbox = await startCheckedSandbox({ now: () => clock.now() })
  const { fetch, struck, close } = await faultyFetch({
    origin: sandbox.url,
    clock,
    kind,
    injection: INJECTIONS[fault],
  })
  const begin = clock.now()
  const told: string[] = []
  try {
    const { id } = sandbox.createPortRun(ACTIONS[type])
    const exitCode = await run(type, id, sandbox, { clock, fetch, told })
    const portRun = sandbox.portRun(id)
    return {
      started: sandbox.githubRuns('acme/services').length + sandbox.gitlabPipelines(PROJECT).length,
      finals: sandbox.exchanges.filter(isFinal).length,
      status: portRun?.status ?? 'none',
      statusLabel: portRun?.statusLabel,
      exitCode,
      told,
      struck: struck(),
      took: clock.now() - begin,
    }
  } finally {
    await close()
    await sandbox.close()
  }
}

interface Means {
  clock: InstantClock
  fetch: Fetch
  told: string[]
}

async function run(
  type: BackendType,
  runId: string,
  sandbox: Sandbox,
  { clock, fetch, told }: Means,
): Promise<number> {
  const logger: Logger = {
    info: () => {},
    notice: (message) => told.push(message),
    warning: (message) => told.push(message),
  }
  const context = {
    inputs: { environment: 'staging', name: 'orders' },
    entity: { identifier: 'checkout' },
  }
  const action = defaultDefinition.port.actions?.find(
    ({ identifier }) => identifier === ACTIONS[type],
  )
  try {
    const result = await dispatchOn(sandbox, {
      action,
      context,
      runId,
      clock,
      fetch,
      logger,
      wait: WAIT,
    })
    return exitCodeOfResult(result)
  } catch (error) {
    if (!(error instanceof PortDispatchError)) throw error
    told.push(error.message)
    return exitCodeOfError(error)
  }
}
