import { Machine } from './machine.ts'
import type { Reply } from './stand-in/exchange.ts'
import type { GithubBehaviour } from './stand-in/github.ts'
import { type Fault, type RequestKind, StandIn } from './stand-in/stand-in.ts'
import type { CiBehaviour } from './stand-in/work.ts'
import { VirtualTime } from './virtual-time.ts'

const MINUTE = 60_000

/** Servers, machines and a time of their own for one test. */
export interface Scene {
  time: VirtualTime
  server: StandIn
  machine: Machine
  /** What goes wrong from now on. */
  faults: ((kind: RequestKind) => Fault | undefined)[]
}

export function scene(
  behaviour: Partial<GithubBehaviour & CiBehaviour> = {},
  skew = { ours: 0 },
): Scene {
  const time = new VirtualTime()
  const ci = {
    createdAfter: () => 0,
    lag: () => 0,
    skew: 0,
    duration: () => 5 * MINUTE,
    ...behaviour,
  }
  const faults: Scene['faults'] = []
  const server = new StandIn({
    now: () => time.now(),
    github: { names: 'yes', marked: true, ...ci },
    gitlab: ci,
    fault: (kind) => faults.map((fault) => fault(kind)).find((fault) => fault !== undefined),
  })
  return { time, server, machine: new Machine({ time, server, skew: skew.ours }), faults }
}

/** The first requests of a kind fail. */
export function failing(
  kind: RequestKind,
  when: Fault['when'],
  what: Fault['what'],
  times = 1,
): (kind: RequestKind) => Fault | undefined {
  let left = times
  return (requested) => (requested === kind && left-- > 0 ? { when, what } : undefined)
}

export function status(code: number, message = 'injected'): Reply {
  return { status: code, body: { message, error: message } }
}
