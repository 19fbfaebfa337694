import { isJsonObject } from '@port-dispatch/core'
import { NOT_FOUND, pageOf, type Reply, type Request, seconds } from './exchange.ts'
import { type CiBehaviour, type Work, WorkLog } from './work.ts'

const PROJECT_ID = 44

/** GitLab's API for one project, `acme/release`. */
export class GitlabStandIn {
  readonly work: WorkLog
  /** A proxy in front of a server can have a limit of its own. */
  pageLimit = 100
  readonly #origin: () => string

  constructor(now: () => number, behaviour: CiBehaviour, origin: () => string) {
    this.#origin = origin
    this.work = new WorkLog(now, behaviour, 5_000)
  }

  reply({ method, path, query, body }: Request): Reply {
    const rest = /^\/api\/v4\/projects\/acme%2Frelease(.*)$/.exec(path)?.[1]
    if (rest === '/trigger/pipeline' || (method === 'POST' && rest === '/pipeline')) {
      return {
        status: 201,
        body: this.#toJson(this.work.start(variablesOf(body), String(body.ref))),
      }
    }
    if (rest === '') return { status: 200, body: { id: PROJECT_ID } }
    if (rest === '/pipelines') {
      const listed = pageOf(this.work.listed(), query, this.pageLimit)
      return { status: 200, body: listed.map((work) => this.#toJson(work)) }
    }
    const [, id, part] = /^\/pipelines\/(\d+)(?:\/(\w+))?$/.exec(rest ?? '') ?? []
    const work = this.work.find(Number(id))
    if (!work) return NOT_FOUND
    switch (part) {
      case 'variables':
        return {
          status: 200,
          body: Object.entries(work.inputs).map(([key, value]) => ({ key, value })),
        }
      case 'jobs':
        return { status: 200, body: this.#jobs(work) }
      case 'bridges':
        return { status: 200, body: [] }
      case 'cancel':
        work.cancelled ||= !this.work.hasEnded(work)
        return { status: 200, body: this.#toJson(work) }
      default:
        return { status: 200, body: this.#toJson(work) }
    }
  }

  externalRunId({ id }: Work): string {
    return `gl_${PROJECT_ID}_${id}`
  }

  url({ id }: Work): string {
    return `${this.#origin()}/acme/release/-/pipelines/${id}`
  }

  #jobs(work: Work) {
    if (!work.fails || !this.work.hasEnded(work)) return []
    return [{ id: work.id * 10, name: `job of ${work.id}`, status: 'failed', allow_failure: false }]
  }

  #toJson(work: Work) {
    const ended = this.work.hasEnded(work)
    const end = work.cancelled ? 'canceled' : work.fails ? 'failed' : 'success'
    return {
      id: work.id,
      project_id: PROJECT_ID,
      status: ended ? end : 'running',
      ref: work.ref.replace(/^refs\/heads\//, ''),
      source: 'trigger',
      web_url: this.url(work),
      created_at: seconds(this.work.serverTime(work.created)),
    }
  }
}

/** `{KEY: value}` of the trigger API, or `[{key, value}]` of the pipeline API. */
function variablesOf({ variables }: Request['body']): Record<string, string> {
  if (Array.isArray(variables)) {
    return Object.fromEntries(
      variables.filter(isJsonObject).map(({ key, value }) => [String(key), String(value)]),
    )
  }
  return (isJsonObject(variables) ? variables : {}) as Record<string, string>
}
