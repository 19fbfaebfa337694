import { isJsonObject, type Json } from '../json.ts'
import { path, runIdentifier } from './path.ts'
import type { Remedy } from './port-error.ts'
import { NO_SUCH_RUN } from './runs.ts'
import { type Call, type CallOptions, isOk, type Session } from './session.ts'

export type NodeResult = 'SUCCESS' | 'FAILED' | 'CANCELLED'
export type LogLevel = 'INFO' | 'WARN' | 'ERROR' | 'DEBUG'

/** What of a workflow node run (`wfnr_…`) this project reads. Port sends more. */
export interface NodeRun {
  identifier: string
  /** `IN_PROGRESS` or `COMPLETED`. */
  status: string
  /** Once it is completed. */
  result?: string
  externalRunId?: string
  links?: string[]
}

/** What `PATCH /v1/workflows/nodes/runs/{id}` accepts. */
export interface NodeRunPatch {
  status?: 'IN_PROGRESS' | 'COMPLETED'
  result?: NodeResult
  /** What later nodes of the workflow read as `.outputs["<node>"]`. */
  output?: Json
  externalRunId?: string
  links?: string[]
}

export interface NodeLog {
  level: LogLevel
  message: string
}

const REMEDIES: readonly Remedy[] = [
  {
    ...NO_SUCH_RUN,
    advice:
      'Check the ID of the workflow node run, and that the credentials belong to its organization.',
  },
]

/**
 * The calls of Port's API on node runs of workflows. They are in no published description: unknown fields are passed
 * over, and a success without a body counts.
 */
export class NodeRuns {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /** `GET /v1/workflows/nodes/runs/{id}` */
  async get(id: string, options?: CallOptions): Promise<NodeRun> {
    return await this.#session.call({
      ...ofNodeRun(id, 'read workflow node run'),
      method: 'GET',
      path: path`/v1/workflows/nodes/runs/${runIdentifier(id)}`,
      expect: readNodeRunIn,
      ...options,
    })
  }

  /** `GET /v1/workflows/nodes/runs?external_run_id=…`: the node runs that carry this external run id. */
  async find(externalRunId: string, options?: CallOptions): Promise<NodeRun[]> {
    return await this.#session.call({
      method: 'GET',
      path: '/v1/workflows/nodes/runs',
      query: { external_run_id: externalRunId },
      what: `find workflow node runs with the external run ID ${externalRunId}`,
      expect: readNodeRuns,
      ...options,
    })
  }

  /**
   * `PATCH /v1/workflows/nodes/runs/{id}`
   *
   * @returns the node run, where Port sends it back
   */
  async update(
    id: string,
    patch: NodeRunPatch,
    options?: CallOptions,
  ): Promise<NodeRun | undefined> {
    const { nodeRun } = await this.#session.call({
      ...ofNodeRun(id, 'update workflow node run'),
      method: 'PATCH',
      path: path`/v1/workflows/nodes/runs/${runIdentifier(id)}`,
      body: patch,
      expect: (body) => {
        const nodeRun = readNodeRunIn(body)
        return nodeRun || body === undefined || isOk(body) ? { nodeRun } : undefined
      },
      ...options,
    })
    return nodeRun
  }

  /** `POST /v1/workflows/nodes/runs/{id}/logs`. After a lost response the lines are sent again: they cannot be read. */
  async addLogs(id: string, logs: readonly NodeLog[], options?: CallOptions): Promise<void> {
    await this.#session.call({
      ...ofNodeRun(id, 'add to the log of workflow node run'),
      method: 'POST',
      path: path`/v1/workflows/nodes/runs/${runIdentifier(id)}/logs`,
      body: { logs },
      expect: (body) => (body === undefined || isOk(body) ? true : undefined),
      ...options,
    })
  }
}

/** How a call on a run is named, and what its refusals mean. */
function ofNodeRun(id: string, what: string): Pick<Call<unknown>, 'what' | 'remedies'> {
  return { what: `${what} ${id.trim()}`, remedies: REMEDIES }
}

function readNodeRunIn(body: unknown): NodeRun | undefined {
  if (!isJsonObject(body)) return undefined
  return [body.nodeRun, body.workflowNodeRun, body.run, body].map(readNodeRun).find(Boolean)
}

function readNodeRuns(body: unknown): NodeRun[] | undefined {
  if (!isJsonObject(body)) return undefined
  const list = [body.nodeRuns, body.workflowNodeRuns, body.runs].find(Array.isArray)
  return list?.map(readNodeRun).filter((run) => run !== undefined)
}

function readNodeRun(value: unknown): NodeRun | undefined {
  if (!isJsonObject(value)) return undefined
  const { identifier, status, result, externalRunId, links } = value
  if (typeof identifier !== 'string' || typeof status !== 'string') return undefined
  return {
    identifier,
    status,
    ...(typeof result === 'string' && { result }),
    ...(typeof externalRunId === 'string' && externalRunId && { externalRunId }),
    ...(Array.isArray(links) && { links: links.filter((link) => typeof link === 'string') }),
  }
}
