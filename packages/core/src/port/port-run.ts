import { isJsonObject, type JsonObject } from '../json.ts'
import type { FinalStatus } from '../run/outcome.ts'

/** What of a run this project reads. Port sends more. */
export interface PortRun {
  id: string
  /** `IN_PROGRESS`, `SUCCESS`, `FAILURE`, `WAITING_FOR_APPROVAL` or `DECLINED`. */
  status: string
  statusLabel?: string
  externalRunId?: string
  link?: string | string[]
  summary?: string
  action?: { identifier: string }
  properties?: JsonObject
  /** The invocation method, as Port rendered it. */
  payload?: JsonObject
  /** ISO 8601. */
  createdAt?: string
  endedAt?: string
}

/** What `PATCH /v1/actions/runs/{run_id}` accepts. Each key replaces what the run had. */
export interface RunPatch {
  status?: FinalStatus
  statusLabel?: string
  link?: string | string[]
  summary?: string
  externalRunId?: string
}

/** Whether a text can be a link of a run: Port shows links to people, who click on them. */
export function isLink(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}

/** What `POST /v1/actions/runs/{run_id}/logs` accepts. A `terminationStatus` ends the run. */
export interface RunLog {
  message: string
  terminationStatus?: FinalStatus
  statusLabel?: string
}

/** A line of a run's log, as Port keeps it. */
export interface StoredLog {
  message: string
  /** ISO 8601, by Port's clock. */
  createdAt?: string
}

/** Whether a run has ended, so that Port refuses further changes. */
export function isFinal(run: Pick<PortRun, 'status'>): boolean {
  return run.status === 'SUCCESS' || run.status === 'FAILURE'
}

/** Whether a run waits for its approval, or was declined: nothing must be started for it. */
export function isUnapproved(run: Pick<PortRun, 'status'>): boolean {
  return run.status === 'WAITING_FOR_APPROVAL' || run.status === 'DECLINED'
}

/** Whether something can be started for a run. With a status that is not known here it may have ended, or wait. */
export function isOpen(run: Pick<PortRun, 'status'>): boolean {
  return run.status === 'IN_PROGRESS'
}

/** A run as Port sends it; undefined if it is not one. */
export function readRun(value: unknown): PortRun | undefined {
  if (!isJsonObject(value)) return undefined
  const { id, status, action, properties, payload, link } = value
  if (typeof id !== 'string' || typeof status !== 'string') return undefined
  const links = [link ?? []].flat().filter((item) => typeof item === 'string' && item !== '')
  const texts = ['statusLabel', 'externalRunId', 'summary', 'createdAt', 'endedAt'] as const
  return {
    id,
    status,
    ...Object.fromEntries(
      texts.flatMap((key) =>
        typeof value[key] === 'string' && value[key] ? [[key, value[key]]] : [],
      ),
    ),
    ...(links.length > 0 && { link: links as string[] }),
    ...(isJsonObject(action) &&
      typeof action.identifier === 'string' && { action: { identifier: action.identifier } }),
    ...(isJsonObject(properties) && { properties }),
    ...(isJsonObject(payload) && { payload }),
  }
}

/** A log line as Port sends it; undefined if it is not one. */
export function readLog(value: unknown): StoredLog | undefined {
  if (!isJsonObject(value) || typeof value.message !== 'string') return undefined
  const { message, createdAt } = value
  return { message, ...(typeof createdAt === 'string' && { createdAt }) }
}

/** A list of which every item can be read; undefined for anything else. */
export function listOf<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined
  const items = value.map(read).filter((item) => item !== undefined)
  return items.length === value.length ? items : undefined
}

/** Begins an external run ID that names no run. */
const PROVISIONAL = 'port-dispatch:'

/**
 * The external run ID of a node run of a workflow, which has no label, until it can name a run: it says how far whoever
 * executes it came.
 *
 * @param stage a word
 */
export function provisionalId(runId: string, stage?: string): string {
  return [PROVISIONAL + runId, ...(stage === undefined ? [] : [stage])].join(':')
}

/** Whether an external run ID names no run yet: whoever knows the run replaces it. */
export function isProvisionalId(externalRunId: string): boolean {
  return externalRunId.startsWith(PROVISIONAL)
}

/** The stage that a provisional external run ID names. */
export function stageOf(externalRunId: string): string | undefined {
  return externalRunId.split(':')[2]
}
