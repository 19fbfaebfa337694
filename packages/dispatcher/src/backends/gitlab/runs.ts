import { isJsonObject, type JsonObject } from '@port-dispatch/core'
import { type FailedJob, isNumericId } from '@port-dispatch/core/run'
import type { CurrentJob, Found, RunRef, RunState, Runs, Search } from '../backend.ts'
import { BackendError } from '../backend-error.ts'
import { isLastPage, isOlder, oldestOf, type Page, readPages } from '../pages.ts'
import {
  type Pipeline,
  parseJobs,
  parsePipeline,
  parsePipelines,
  toRunRef,
  toRunState,
} from './answers.ts'
import type { GitlabClient } from './client.ts'
import { listFailedJobs } from './failed-jobs.ts'
import { unreadable } from './refusal.ts'

const PAGE_SIZE = 100
const MAX_PAGES = 50
/** What was made this long before the start is not looked at: how far the server's clock can drift within a search. */
const LOOK_BACK_MS = 60_000
/** The clocks of one server's machines differ a little. */
const ROUNDING_MS = 5_000
/** GitLab ends a request of its API after 60 s; the pipeline then exists or never will. */
const SETTLES_WITHIN_MS = 65_000
/**
 * What a GitLab server shows can come from a replica of its database that lags a minute behind, two in an emergency, by
 * its `max_replication_lag_time` and what overrides it.
 */
const ABSENT_AFTER_MS = 300_000
/** How GitLab names what starts a pipeline by the trigger API and by the pipeline API. */
const SOURCES = ['trigger', 'api', 'pipeline', '']

/** The pipelines of one project. */
export class GitlabRuns implements Runs {
  readonly absentAfter = ABSENT_AFTER_MS
  readonly expired =
    'The token was accepted before, so it has expired or was revoked. Use one that lasts longer than the pipeline.'
  readonly #client: GitlabClient
  readonly #project: string
  readonly #ref: string
  readonly #values: Readonly<Record<string, string>>
  /** JSON text. */
  readonly #payload: string
  /** Pipelines whose variables do not carry our id: they never will. */
  readonly #others = new Set<number>()

  constructor(
    client: GitlabClient,
    start: Readonly<{
      project: string
      ref: string
      values: Readonly<Record<string, string>>
      triggerPayload?: JsonObject
    }>,
  ) {
    this.#client = client
    this.#project = start.project
    this.#ref = start.ref.replace(/^refs\/(heads|tags)\//, '')
    this.#values = start.values
    this.#payload = start.triggerPayload ? JSON.stringify(start.triggerPayload) : ''
  }

  /**
   * A pipeline is ours for certain if one of its variables is one that we sent and carries our Port run id, or the payload
   * of its trigger does. Of several the first is: a pipeline hands its variables on to those that it triggers.
   */
  async find(search: Search, signal?: AbortSignal): Promise<Found> {
    const { portRunId, sent, externalRunIdBefore, isProof } = search
    const nothing = { marked: true, candidates: [], isWhole: false }
    if (portRunId === undefined) return nothing
    const keys = Object.keys(this.#values).filter((key) => this.#values[key]?.includes(portRunId))
    const isInPayload = this.#payload.includes(portRunId)
    if (keys.length === 0 && !isInPayload) return nothing
    const { pipelines, isWhole } = await this.#since(sent, signal)
    // Whether every server shows the payload of a trigger is not known.
    let isAbsent = isWhole && keys.length > 0
    for (const pipeline of pipelines) {
      // The action may have named another ref when it was dispatched before.
      if (!isProof && !this.#isLikeOurs(pipeline)) continue
      if (this.#others.has(pipeline.id)) continue
      if (externalRunIdBefore && toRunRef(pipeline).externalRunId === externalRunIdBefore) continue
      const variables = await this.#variables(pipeline.id, signal)
      // GitLab keeps the body of the request in this variable, in a form of its own.
      const isTriggeredByUs =
        isInPayload && variables.get('TRIGGER_PAYLOAD')?.includes(JSON.stringify(portRunId))
      if (
        this.#isLikeOurs(pipeline) &&
        (isTriggeredByUs || keys.some((key) => variables.get(key) === this.#values[key]))
      ) {
        return { ours: toRunRef(pipeline), ...nothing }
      }
      if ([...variables.values()].some((value) => value.includes(portRunId))) isAbsent = false
      else this.#others.add(pipeline.id)
    }
    return { ...nothing, ...(isProof && isAbsent && { isAbsent }) }
  }

  async refOf(
    name: string,
    { since, signal }: { since?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<RunRef | undefined> {
    const id = /^(?:gl_\d+_|https?:\/\/.+\/-\/pipelines\/)(\d+)$/.exec(name)?.[1]
    if (id === undefined) return undefined
    try {
      const { pipeline, ahead } = await this.#show(id, signal)
      const isOlder = since !== undefined && pipeline.created - ahead < since - ROUNDING_MS
      const run = toRunRef(pipeline)
      return [run.externalRunId, run.url].includes(name) && !isOlder ? run : undefined
    } catch (error) {
      // A pipeline that is new may not be shown yet: only that of another project is certainly none of ours.
      const isHidden = error instanceof BackendError && error.status === 404
      if (isHidden && !(await this.#isInProject(name, signal))) return undefined
      throw error
    }
  }

  async #isInProject(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    const isId = /^\d+$/.test(this.#project)
    const id = /^gl_(\d+)_\d+$/.exec(name)?.[1]
    if (id !== undefined) return id === (isId ? this.#project : await this.#projectId(signal))
    return isId || name.toLowerCase().includes(`/${this.#project}/-/`.toLowerCase())
  }

  async #projectId(signal: AbortSignal | undefined): Promise<string> {
    const what = `read the project ${this.#project}`
    return await this.#client.call({
      what,
      project: this.#project,
      signal,
      send: async () => {
        const path = `projects/${encodeURIComponent(this.#project)}`
        const { body } = await this.#client.requester(signal).get(path)
        if (!isJsonObject(body) || !isNumericId(body.id)) throw unreadable(what, false)
        return String(body.id)
      },
    })
  }

  async read(run: RunRef, signal?: AbortSignal): Promise<RunState> {
    return toRunState((await this.#show(run.id, signal)).pipeline, run)
  }

  async failedJobs({ id }: RunRef, signal?: AbortSignal): Promise<FailedJob[]> {
    return await this.#client.call({
      what: `list the failed jobs of the pipeline ${id}`,
      project: this.#project,
      signal,
      send: () => listFailedJobs(this.#client.requester(signal), this.#project, id),
    })
  }

  async currentJob({ id }: RunRef, signal?: AbortSignal): Promise<CurrentJob | undefined> {
    const what = `list the running jobs of the pipeline ${id}`
    return await this.#client.call({
      what,
      project: this.#project,
      signal,
      send: async () => {
        const path = `projects/${encodeURIComponent(this.#project)}/pipelines/${id}/jobs`
        const searchParams = { scope: ['running'] }
        const { body } = await this.#client.requester(signal).get(path, { searchParams })
        const jobs = parseJobs(body)
        if (!jobs) throw unreadable(what, false)
        const [job] = jobs.filter(({ conclusion }) => conclusion === 'running')
        return job && { job: job.name }
      },
    })
  }

  async cancel({ id }: RunRef, signal?: AbortSignal): Promise<void> {
    await this.#client.call({
      what: `cancel the pipeline ${id}`,
      project: this.#project,
      signal,
      send: () => this.#client.resources(signal).pipelines.cancel(this.#project, Number(id)),
    })
  }

  appearsWithin(): number {
    return SETTLES_WITHIN_MS
  }

  async #show(
    id: string,
    signal: AbortSignal | undefined,
  ): Promise<{ pipeline: Pipeline; ahead: number }> {
    const what = `read the pipeline ${id} of ${this.#project}`
    return await this.#client.call({
      what,
      project: this.#project,
      signal,
      send: async () => {
        const path = `projects/${encodeURIComponent(this.#project)}/pipelines/${id}`
        const { body, headers } = await this.#client.requester(signal).get(path)
        const pipeline = parsePipeline(body)
        if (String(pipeline?.id) !== id || !pipeline?.status) throw unreadable(what, false)
        return { pipeline, ahead: this.#ahead(headers) }
      },
    })
  }

  #isLikeOurs({ ref, source }: Pipeline): boolean {
    return (ref === this.#ref || ref === '') && SOURCES.includes(source)
  }

  /**
   * Pipelines since a moment, by our clock, the first one first. A server that does not say what time it is has its newest
   * pipelines looked at, whatever time they name.
   */
  async #since(
    sent: number,
    signal: AbortSignal | undefined,
  ): Promise<{ pipelines: Pipeline[]; isWhole: boolean }> {
    let ahead: number | undefined
    const { items, isWhole } = await readPages({
      read: async (page) => {
        const listed = await this.#list(page, signal)
        ahead ??= listed.ahead
        return listed
      },
      maxPages: MAX_PAGES,
      keyOf: ({ id }) => id,
      isOldAfter: (pipelines) => isOlder(oldestOf(pipelines)?.created, ahead, sent - LOOK_BACK_MS),
    })
    const pipelines = items
      .filter(({ created }) => isOlder(created, ahead, sent - ROUNDING_MS) !== true)
      .toSorted((one, other) => one.id - other.id)
    return { pipelines, isWhole }
  }

  async #list(
    page: number,
    signal: AbortSignal | undefined,
  ): Promise<Page<Pipeline> & { ahead: number }> {
    const what = `list the pipelines of ${this.#project}`
    return await this.#client.call({
      what,
      project: this.#project,
      signal,
      send: async () => {
        const { body, headers } = await this.#client
          .requester(signal)
          .get(`projects/${encodeURIComponent(this.#project)}/pipelines`, {
            searchParams: { order_by: 'id', sort: 'desc', per_page: PAGE_SIZE, page },
          })
        const listed = parsePipelines(body)
        if (!listed) throw unreadable(what, false)
        return { isLast: isLastPage(headers), ...listed, ahead: this.#ahead(headers) }
      },
    })
  }

  /** By how many milliseconds the server's clock is ahead of ours; NaN if it does not say what time it is. */
  #ahead(headers: Readonly<Record<string, string>> | undefined): number {
    return Date.parse(headers?.date ?? '') - this.#client.http.clock.now()
  }

  async #variables(id: number, signal: AbortSignal | undefined): Promise<Map<string, string>> {
    const what = `read the variables of the pipeline ${id}`
    return await this.#client.call({
      what,
      project: this.#project,
      signal,
      send: async () => {
        const { pipelines } = this.#client.resources(signal)
        const variables: unknown = await pipelines.allVariables(this.#project, id)
        if (!Array.isArray(variables)) throw unreadable(what, false)
        return new Map(
          variables.filter(isJsonObject).map(({ key, value }) => [String(key), String(value)]),
        )
      },
    })
  }
}
