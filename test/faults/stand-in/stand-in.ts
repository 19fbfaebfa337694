import { NOT_FOUND, type Reply, type Request } from './exchange.ts'
import { type GithubBehaviour, GithubStandIn } from './github.ts'
import { GitlabStandIn } from './gitlab.ts'
import { PortStandIn } from './port.ts'
import type { CiBehaviour } from './work.ts'

export type RequestKind =
  | 'port-token'
  | 'port-read'
  | 'port-find'
  | 'port-update'
  | 'port-log'
  | 'start'
  | 'list'
  | 'read'
  | 'variables'
  | 'jobs'
  | 'cancel'
  | 'user'
  | 'repository'

/** What goes wrong with one request. */
export interface Fault {
  /** Whether the service has done what was requested when it strikes. */
  when: 'before' | 'after'
  /** The connection is cut, nothing ever comes, or this comes instead. */
  what: 'reset' | 'hang' | Reply
}

export interface StandInOptions {
  /** The true time, in milliseconds since the epoch. */
  now: () => number
  github: GithubBehaviour
  gitlab: CiBehaviour
  /** Called for each request, in their order. */
  fault?: (kind: RequestKind, request: Request) => Fault | undefined
}

/** GitHub, GitLab and Port in one, which count for themselves what was started and reported. */
export class StandIn {
  readonly port: PortStandIn
  readonly github: GithubStandIn
  readonly gitlab: GitlabStandIn
  /** How many requests of each kind came. */
  readonly count = new Map<RequestKind, number>()
  /** Whether responses lack the header `Date`. */
  withoutDate = false
  origin = 'http://127.0.0.1:1'
  readonly #options: StandInOptions

  constructor(options: StandInOptions) {
    const { now, github, gitlab } = options
    this.#options = options
    this.port = new PortStandIn(now)
    this.github = new GithubStandIn(now, github, () => this.origin)
    this.gitlab = new GitlabStandIn(now, gitlab, () => this.origin)
  }

  reply(request: Request): Reply | 'reset' | 'hang' {
    const kind = kindOf(request)
    this.count.set(kind, (this.count.get(kind) ?? 0) + 1)
    const fault = this.#options.fault?.(kind, request)
    if (fault?.when === 'before') return this.#answer(fault.what, request)
    const reply = this.#process(request)
    return this.#answer(fault?.what ?? reply, request)
  }

  #process(request: Request): Reply {
    if (request.path.startsWith('/v1/')) return this.port.reply(request)
    if (request.path.startsWith('/api/v4/')) return this.gitlab.reply(request)
    if (/^\/(user|repos)\b/.test(request.path)) return this.github.reply(request)
    return NOT_FOUND
  }

  /** Every server says what time it is. */
  #answer(reply: Reply | 'reset' | 'hang', { path }: Request): Reply | 'reset' | 'hang' {
    if (typeof reply === 'string' || this.withoutDate) return reply
    const { github, gitlab, now } = this.#options
    const skew = path.startsWith('/v1/') ? 0 : (path.startsWith('/api/v4/') ? gitlab : github).skew
    return { ...reply, headers: { date: new Date(now() + skew).toUTCString(), ...reply.headers } }
  }
}

export function kindOf({ method, path }: Request): RequestKind {
  if (path.endsWith('/access_token')) return 'port-token'
  if (path === '/v1/actions/runs') return 'port-find'
  if (path.startsWith('/v1/') && path.endsWith('/logs')) return 'port-log'
  if (path.startsWith('/v1/')) return method === 'PATCH' ? 'port-update' : 'port-read'
  if (method === 'POST') return path.endsWith('/cancel') ? 'cancel' : 'start'
  if (path === '/user') return 'user'
  if (path.endsWith('/variables')) return 'variables'
  if (/\/(jobs|bridges)$/.test(path)) return 'jobs'
  if (/\/(runs|pipelines)$/.test(path)) return 'list'
  return /\/(runs|pipelines)\/\d+$/.test(path) ? 'read' : 'repository'
}
