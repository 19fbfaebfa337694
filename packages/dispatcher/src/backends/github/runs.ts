import { phrase, setting } from '@port-dispatch/core'
import { type FailedJob, failedJobs, isNumericId } from '@port-dispatch/core/run'
import type { CurrentJob, Found, RunRef, RunState, Runs, Search } from '../backend.ts'
import { BackendError } from '../backend-error.ts'
import { isLastPage, isOlder, oldestOf, type Page, readPages } from '../pages.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { parseRun, parseRuns, toRunRef, toRunState, type WorkflowRun } from './answers.ts'
import type { GithubClient, GithubResponse } from './client.ts'
import { currentJobOf, listAllJobs, listJobs } from './jobs.ts'
import type { GithubTarget } from './refusal.ts'
import { RepositoryWatch } from './repository-watch.ts'

const PAGE_SIZE = 100
const MAX_PAGES = 10
/** GitHub's times are whole seconds, and the clocks of one server's machines differ a little. */
const ROUNDING_MS = 5_000
/** A server that accepts a dispatch makes the run within this time, busy as it may be. */
const CREATED_WITHIN_MS = 30_000
/** Lists lag behind, up to a minute where it was measured. */
const SETTLES_WITHIN_MS = 60_000
/** A run is guessed only when every run is in the list that could be it, and that somebody else can have started. */
const GUESS_AFTER_MS = 2 * CREATED_WITHIN_MS + SETTLES_WITHIN_MS
/** What was made this long before the start is not looked at: how far the server's clock can drift within a search. */
const LOOK_BACK_MS = 60_000

interface Listed extends Page<WorkflowRun> {
  /** By how many milliseconds the server's clock is ahead of ours. */
  ahead: number
}

/** The runs of one workflow. */
export class GithubRuns implements Runs {
  readonly expired =
    phrase`The token was accepted before, so it has expired. For long waits use a GitHub App (${setting('github.appId')}, ${setting('github.privateKey')}), whose tokens are renewed.`
  readonly #client: GithubClient
  readonly #target: GithubTarget & { workflow: string; ref: string }

  constructor(client: GithubClient, target: GithubTarget & { workflow: string; ref: string }) {
    this.#client = client
    this.#target = target
  }

  /**
   * A run is ours for certain if it was dispatched since and carries our Port run id in its title (`run-name`), or in the
   * inputs that some servers show. Of several the first is: those that follow were started for the same Port run by
   * somebody else. One that carries another id is never ours.
   */
  async find(search: Search, signal?: AbortSignal): Promise<Found> {
    const { portRunId, sent, answered, externalRunIdBefore } = search
    const { items, isWhole, ahead } = await this.#since(sent - LOOK_BACK_MS, signal)
    const since = items
      .filter(({ event }) => event === '' || event === 'workflow_dispatch')
      .filter((run) => !run.externalRunId || run.externalRunId !== externalRunIdBefore)
      .filter(({ created }) => !(created - ahead < sent - ROUNDING_MS))
      .toSorted((one, other) => one.id - other.id)
    const ours = since.find((run) => portRunId !== undefined && carries(run, portRunId))
    const unmarked = since
      .filter(({ created }) => !(created - ahead > answered + CREATED_WITHIN_MS))
      .filter(({ branch }) => branch === '' || branch === shortRef(this.#target.ref))
      .filter((run) => !isMarked(run))
    const actor = unmarked.length > 0 && !ours ? await this.#client.login(signal) : undefined
    return {
      ...(ours && { ours: toRunRef(ours) }),
      marked: since.some(isMarked),
      isWhole,
      candidates: unmarked
        .filter((run) => !actor || !run.actor || run.actor.toLowerCase() === actor.toLowerCase())
        .map(toRunRef),
    }
  }

  async refOf(
    name: string,
    { since, signal }: { since?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<RunRef | undefined> {
    const id = /^gh_\d+_\d+_(\d+)$/.exec(name)?.[1] ?? this.#idInPage(name)
    if (id === undefined) return undefined
    try {
      const { run, ahead } = await this.#show(Number(id), signal)
      // Some servers do not show the ids of the owner and the repository.
      const isNamed = [run.url, run.externalRunId ?? name].includes(name)
      const isOlder = since !== undefined && run.created - ahead < since - ROUNDING_MS
      return isNamed && this.#isOfWorkflow(run) && !isOlder ? toRunRef(run) : undefined
    } catch (error) {
      // A run that is new may not be shown yet: only that of another repository is certainly none of ours.
      const isHidden = error instanceof BackendError && error.status === 404
      if (isHidden && !(await this.#isInRepository(name, signal))) return undefined
      throw error
    }
  }

  async #isInRepository(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    const id = /^gh_\d+_(\d+)_\d+$/.exec(name)?.[1]
    return id === undefined || id === (await this.#repositoryId(signal))
  }

  async #repositoryId(signal: AbortSignal | undefined): Promise<string> {
    const { owner, repo } = this.#target
    return await this.#client.call({
      what: `read the repository ${owner}/${repo}`,
      target: this.#target,
      signal,
      send: (octokit, request) =>
        octokit.request('GET /repos/{owner}/{repo}', { owner, repo, request }),
      parse: (data) => {
        const { id } = (data ?? {}) as { id?: unknown }
        return isNumericId(id) ? String(id) : undefined
      },
    })
  }

  #idInPage(url: string): string | undefined {
    const { owner, repo } = this.#target
    const [, path, id] = /^https?:\/\/.+?\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)$/.exec(url) ?? []
    return path?.toLowerCase() === `${owner}/${repo}`.toLowerCase() ? id : undefined
  }

  async read({ id }: RunRef, signal?: AbortSignal): Promise<RunState> {
    signal?.throwIfAborted()
    const { owner, repo } = this.#target
    const watch = this.#client.watch(owner, repo, () => this.#makeWatch())
    // A read that others wait for too is not cut; it is only no longer waited for.
    const state = toRunState(await unlessAborted(watch.read(Number(id)), signal))
    if (state.outcome) watch.forget(Number(id))
    return state
  }

  async currentJob({ id }: RunRef, signal?: AbortSignal): Promise<CurrentJob | undefined> {
    const { items } = await listJobs(this.#client, this.#target, { id, page: 1, signal })
    return currentJobOf(items)
  }

  async failedJobs({ id }: RunRef, signal?: AbortSignal): Promise<FailedJob[]> {
    return failedJobs(await listAllJobs(this.#client, this.#target, { id, signal }))
  }

  async cancel({ id }: RunRef, signal?: AbortSignal): Promise<void> {
    const { owner, repo } = this.#target
    try {
      await this.#client.call({
        what: `cancel the run ${id}`,
        target: this.#target,
        signal,
        send: (octokit, request) =>
          octokit.request('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel', {
            owner,
            repo,
            run_id: Number(id),
            request,
          }),
        parse: () => true,
      })
    } catch (error) {
      // 409: the run has ended.
      if (!(error instanceof BackendError && error.status === 409)) throw error
    }
  }

  appearsWithin(started: 'unnamed' | 'lost'): number {
    return started === 'lost' ? SETTLES_WITHIN_MS : GUESS_AFTER_MS
  }

  /** All runs of the workflow since a moment by our clock. No filter: filtered lists lag behind the most. */
  async #since(
    since: number,
    signal: AbortSignal | undefined,
  ): Promise<{ items: WorkflowRun[]; isWhole: boolean; ahead: number }> {
    let ahead: number | undefined
    const { items, isWhole } = await readPages({
      read: async (page) => {
        const listed = await this.#listOfWorkflow(page, signal)
        ahead ??= listed.ahead
        return listed
      },
      maxPages: MAX_PAGES,
      keyOf: ({ id }) => id,
      isOldAfter: (runs) => isOlder(oldestOf(runs)?.created, ahead, since),
    })
    return { items: items.filter((run) => this.#isOfWorkflow(run)), isWhole, ahead: ahead ?? 0 }
  }

  async #listOfWorkflow(page: number, signal: AbortSignal | undefined): Promise<Listed> {
    const { owner, repo, workflow } = this.#target
    const what = `list the runs of ${owner}/${repo}/${workflow}`
    try {
      return await this.#client.call({
        what,
        target: this.#target,
        signal,
        send: (octokit, request) =>
          octokit.request('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
            owner,
            repo,
            workflow_id: workflow,
            per_page: PAGE_SIZE,
            page,
            request,
          }),
        parse: (data, response) => this.#listed(data, response),
      })
    } catch (error) {
      // Gitea lists by repository only.
      if (!(error instanceof BackendError && error.status === 404)) throw error
      return await this.#listOfRepository(page, signal)
    }
  }

  async #listOfRepository(page: number, signal?: AbortSignal): Promise<Listed> {
    const { owner, repo } = this.#target
    return await this.#client.call({
      what: `list the runs of ${owner}/${repo}`,
      target: this.#target,
      signal,
      send: (octokit, request) =>
        octokit.request('GET /repos/{owner}/{repo}/actions/runs', {
          owner,
          repo,
          event: 'workflow_dispatch',
          per_page: PAGE_SIZE,
          page,
          request,
        }),
      parse: (data, response) => this.#listed(data, response),
    })
  }

  #listed(data: unknown, { headers }: GithubResponse): Listed | undefined {
    const page = parseRuns(data)
    return page && { isLast: isLastPage(headers), ...page, ahead: this.#ahead(headers) }
  }

  /** By how many milliseconds the server's clock is ahead of ours; NaN if it does not say what time it is. */
  #ahead({ date }: GithubResponse['headers']): number {
    return Date.parse(String(date ?? '')) - this.#client.http.clock.now()
  }

  #isOfWorkflow({ path, workflowId }: WorkflowRun): boolean {
    const { workflow } = this.#target
    if (path === '' || String(workflowId) === workflow) return true
    if (/^\d+$/.test(workflow)) return workflowId === undefined
    const [file = ''] = path.split('@')
    return file.slice(file.lastIndexOf('/') + 1) === workflow
  }

  async #show(id: number, signal?: AbortSignal): Promise<{ run: WorkflowRun; ahead: number }> {
    const { owner, repo } = this.#target
    return await this.#client.call({
      what: `read the run ${id} of ${owner}/${repo}`,
      target: this.#target,
      signal,
      send: (octokit, request) =>
        octokit.request('GET /repos/{owner}/{repo}/actions/runs/{run_id}', {
          owner,
          repo,
          run_id: id,
          request,
        }),
      parse: (data, { headers }) => {
        const run = parseRun(data)
        return run?.id === id ? { run, ahead: this.#ahead(headers) } : undefined
      },
    })
  }

  #makeWatch(): RepositoryWatch<WorkflowRun> {
    return new RepositoryWatch({
      clock: this.#client.http.clock,
      get: async (id) => (await this.#show(id)).run,
      list: async (page) => (await this.#listOfRepository(page)).items,
    })
  }
}

/** The texts in which a run can carry a Port run id. */
function textsOf({ title, inputs }: WorkflowRun): string[] {
  return [title, ...Object.values(inputs).map((value) => JSON.stringify(value) ?? '')]
}

function carries(run: WorkflowRun, portRunId: string): boolean {
  const id = portRunId.replace(/\W/g, '\\$&')
  const whole = new RegExp(`(?<![A-Za-z0-9_])${id}(?![A-Za-z0-9_])`)
  return textsOf(run).some((text) => whole.test(text))
}

/** Whether a run carries what looks like the id of any Port run. */
function isMarked(run: WorkflowRun): boolean {
  return textsOf(run).some((text) => /(?<![A-Za-z0-9_])(?:r|wfnr)_[A-Za-z0-9]+/.test(text))
}

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '')
}
