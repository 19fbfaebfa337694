/** How the CI systems that are stood in for behave. Times are milliseconds. */
export interface CiBehaviour {
  /** How long after a start its run exists. */
  createdAfter: (n: number) => number
  /** How long after that the lists show it. */
  lag: (n: number) => number
  /** By how much the server's clock is ahead. */
  skew: number
  /** How long a run takes. */
  duration: (n: number) => number
}

/** A run of a workflow or pipeline, as its server knows it. */
export interface Work {
  n: number
  id: number
  /** The Port run for which it was started: what the start carried. */
  portRunId: string
  inputs: Record<string, string>
  ref: string
  /** By the true time. */
  created: number
  listed: number
  ends: number
  fails: boolean
  cancelled: boolean
  /** What began it, if not a dispatch. */
  event?: string
}

/** The runs of one server, counted where they are made. */
export class WorkLog {
  readonly all: Work[] = []
  readonly #now: () => number
  readonly #behaviour: CiBehaviour
  readonly #firstId: number

  constructor(now: () => number, behaviour: CiBehaviour, firstId: number) {
    this.#now = now
    this.#behaviour = behaviour
    this.#firstId = firstId
  }

  start(inputs: Record<string, string>, ref: string): Work {
    const n = this.all.length
    const { createdAfter, lag, duration } = this.#behaviour
    const created = this.#now() + createdAfter(n)
    const work: Work = {
      n,
      id: this.#firstId + n,
      portRunId: /r_\w+/.exec(JSON.stringify(inputs))?.[0] ?? '',
      inputs,
      ref,
      created,
      listed: created + lag(n),
      ends: created + duration(n),
      fails: n % 3 === 0,
      cancelled: false,
    }
    this.all.push(work)
    return work
  }

  /** What the lists show now, the newest first. */
  listed(): Work[] {
    return this.all.filter(({ listed }) => listed <= this.#now()).toReversed()
  }

  find(id: number): Work | undefined {
    return this.all.find((work) => work.id === id && work.created <= this.#now())
  }

  hasEnded(work: Work): boolean {
    return work.cancelled || work.ends <= this.#now()
  }

  /** A true time as the server's clock shows it. */
  serverTime(time: number): number {
    return time + this.#behaviour.skew
  }
}
