import { NOT_FOUND, pageOf, type Reply, type Request, seconds } from './exchange.ts'
import type { CiBehaviour } from './work.ts'
import { type Work, WorkLog } from './work.ts'

export interface GithubBehaviour extends CiBehaviour {
  /** Whether a dispatch names its run: github.com does; older Enterprise Servers answer 204, or refuse the question. */
  names: 'yes' | 'no' | 'refuses'
  /** Whether the workflow's run-name holds the Port run id. */
  marked: boolean
}

const OWNER_ID = 11
const REPOSITORY_ID = 22

/** GitHub's API for one repository, `acme/services`, with one workflow, `deploy.yml`. */
export class GithubStandIn {
  readonly work: WorkLog
  /** As some versions of Gitea are. */
  withoutTimes = false
  /** Gitea's own limit is 50 by default. */
  pageLimit = 100
  readonly #behaviour: GithubBehaviour
  readonly #origin: () => string

  constructor(now: () => number, behaviour: GithubBehaviour, origin: () => string) {
    this.#behaviour = behaviour
    this.#origin = origin
    this.work = new WorkLog(now, behaviour, 9_000)
  }

  reply({ method, path, query, body }: Request): Reply {
    if (path === '/user') return { status: 200, body: { login: 'deployer' } }
    const rest = /^\/repos\/acme\/services(.*)$/.exec(path)?.[1]
    if (rest === '') return { status: 200, body: { id: REPOSITORY_ID, default_branch: 'main' } }
    if (method === 'POST' && rest?.endsWith('/dispatches')) return this.#start(body)
    if (rest === '/actions/runs' || rest === '/actions/workflows/deploy.yml/runs') {
      const listed = pageOf(this.work.listed(), query, this.pageLimit)
      return { status: 200, body: { workflow_runs: listed.map((work) => this.#toJson(work)) } }
    }
    const [, id, part] = /^\/actions\/runs\/(\d+)(?:\/(\w+))?$/.exec(rest ?? '') ?? []
    const work = this.work.find(Number(id))
    if (!work) return NOT_FOUND
    if (part === 'jobs') return { status: 200, body: { jobs: this.#jobs(work) } }
    if (part === 'cancel') {
      if (this.work.hasEnded(work)) return { status: 409, body: { message: 'Cannot cancel' } }
      work.cancelled = true
      return { status: 202, body: {} }
    }
    return { status: 200, body: this.#toJson(work) }
  }

  externalRunId({ id }: Work): string {
    return `gh_${OWNER_ID}_${REPOSITORY_ID}_${id}`
  }

  url({ id }: Work): string {
    return `${this.#origin()}/acme/services/actions/runs/${id}`
  }

  #start({ ref, inputs, return_run_details: details }: Request['body']): Reply {
    const { names } = this.#behaviour
    if (names === 'refuses' && details !== undefined) {
      const message = 'Invalid request. "return_run_details" is not a permitted key.'
      return { status: 422, body: { message } }
    }
    const work = this.work.start(inputs as Record<string, string>, String(ref))
    if (names !== 'yes') return { status: 204 }
    return { status: 200, body: { workflow_run_id: work.id, html_url: this.url(work) } }
  }

  #jobs(work: Work) {
    if (!work.fails || !this.work.hasEnded(work)) return []
    return [{ name: `job of ${work.id}`, conclusion: 'failure', steps: [] }]
  }

  #toJson(work: Work) {
    const ended = this.work.hasEnded(work)
    const conclusion = work.cancelled ? 'cancelled' : work.fails ? 'failure' : 'success'
    return {
      id: work.id,
      status: ended ? 'completed' : 'in_progress',
      conclusion: ended ? conclusion : null,
      html_url: this.url(work),
      display_title: this.#behaviour.marked ? `Deploy for ${work.portRunId}` : 'Deploy',
      path: '.github/workflows/deploy.yml',
      workflow_id: 33,
      event: work.event ?? 'workflow_dispatch',
      head_branch: work.ref,
      actor: { login: 'deployer' },
      ...(!this.withoutTimes && {
        created_at: seconds(this.work.serverTime(work.created)),
      }),
      repository: { id: REPOSITORY_ID, owner: { id: OWNER_ID } },
    }
  }
}
