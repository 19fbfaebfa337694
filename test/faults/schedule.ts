import { audit, type Entry } from './audit.ts'
import { type Backend, Machine } from './machine.ts'
import { scene, status } from './scene.ts'
import type { GithubBehaviour } from './stand-in/github.ts'
import type { Fault } from './stand-in/stand-in.ts'

/** How many processes dispatch at about one moment, and what happens meanwhile. Times are milliseconds. */
export interface Schedule {
  names: GithubBehaviour['names']
  marked: boolean
  /** Of the servers' clock. */
  skew: number
  processes: readonly Process[]
  /** Faults of requests, in their order; after the last there are none. */
  faults: readonly (FaultName | undefined)[]
  /** When Port is away, after the begin. */
  outage?: { from: number; until: number } | undefined
}

export interface Process {
  backend: Backend
  /** When it begins. */
  at: number
  skew: number
  /** How long after the start its run exists, and how long after that it is listed. */
  createdAfter: number
  lag: number
  duration: number
  signal?: { name: 'SIGTERM' | 'SIGKILL'; after: number } | undefined
  /** What becomes of the run if the process is stopped. */
  onCancel: 'cancel' | 'leave'
  /** How long after a SIGKILL another process dispatches the same Port run. */
  again?: number | undefined
}

export const FAULTS = {
  'reset before': { when: 'before', what: 'reset' },
  'reset after': { when: 'after', what: 'reset' },
  '502 before': { when: 'before', what: status(502) },
  '502 after': { when: 'after', what: status(502) },
  'no answer': { when: 'after', what: 'hang' },
  'HTML page': { when: 'after', what: { status: 200, text: '<html>Sign in</html>' } },
  'empty page': { when: 'after', what: { status: 200 } },
  null: { when: 'after', what: { status: 200, body: null } },
  '{}': { when: 'after', what: { status: 200, body: {} } },
  '[]': { when: 'after', what: { status: 200, body: [] } },
  '429 at once': {
    when: 'before',
    what: { status: 429, body: {}, headers: { 'retry-after': '0' } },
  },
  '403 limit': {
    when: 'before',
    what: { status: 403, body: { message: 'slow down' }, headers: { 'retry-after': '60' } },
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS

export interface Outcome extends Entry {
  process: Process
  /** Port was away in the seconds that a stopped process has for its last report. */
  couldNotReport: boolean
}

/** How long a process that was stopped tries to report. */
const STOPS_WITHIN_MS = 5_000

/** Runs a schedule in virtual time, until every process has ended or was killed. */
export async function run(schedule: Schedule): Promise<Outcome[]> {
  const { names, marked, skew, processes, faults, outage } = schedule
  const nth = (n: number) => processes[n % processes.length]
  const here = scene({
    names,
    marked,
    skew,
    createdAfter: (n) => nth(n)?.createdAfter ?? 0,
    lag: (n) => nth(n)?.lag ?? 0,
    duration: (n) => nth(n)?.duration ?? 0,
  })
  const { time, server } = here
  const begin = time.now()
  let requests = 0
  here.faults.push((kind) => {
    const at = time.now() - begin
    const isAway = outage && kind.startsWith('port-') && at >= outage.from && at < outage.until
    if (isAway) return { when: 'before', what: status(503) }
    const name = kind.startsWith('port-') ? undefined : faults[requests++]
    return name && FAULTS[name]
  })
  const work = processes.map(async (process, i) => {
    const { id } = server.port.createRun(`r_run${i}`)
    const { backend, at, signal, onCancel } = process
    await time.sleep(at)
    const machine = new Machine({ time, server, skew: process.skew })
    const dispatched = machine
      .dispatch(backend, id, { wait: { timeout: 3_600_000, onCancel } })
      .then(
        () => {},
        () => {},
      )
    if (!signal) return await dispatched
    await time.sleep(signal.after)
    if (signal.name === 'SIGTERM') {
      machine.terminate()
      return await dispatched
    }
    machine.kill()
    if (process.again === undefined) return
    await time.sleep(process.again)
    await new Machine({ time, server, skew: process.skew })
      .dispatch(backend, id, { earlier: i % 2 === 0 ? 'refuse' : 'resume' })
      .catch(() => {})
  })
  await time.until(Promise.all(work))
  // What a killed process had sent arrives.
  await time.until(time.sleep(3_600_000))
  const entries = audit(server)
  return processes.flatMap((process, i) => {
    const entry = entries[i]
    if (!entry) return []
    const stop = process.at + (process.signal?.after ?? Number.POSITIVE_INFINITY)
    const couldNotReport =
      outage !== undefined && stop < outage.until && stop + STOPS_WITHIN_MS > outage.from
    return [{ ...entry, process, couldNotReport }]
  })
}

/** Whether a Port run was left without an end though its process could report it. */
export function isLost({
  status: end,
  label,
  process: { signal },
  couldNotReport,
}: Outcome): boolean {
  if (end !== 'IN_PROGRESS' || signal?.name === 'SIGKILL') return false
  if (signal && couldNotReport) return false
  return signal === undefined || !/no longer tracked|^Cancelled|^Unknown|^Started,/.test(label)
}
