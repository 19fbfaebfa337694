import { isRecord } from '../is-record.ts'
import type { PortLog, PortRun } from './run-store.ts'

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** A run as in the `run` schema of the API description. Unset fields are omitted. */
export function runJson(run: PortRun): Record<string, unknown> {
  const { trigger, identifier, title, icon } = run.action
  const blueprint = trigger.blueprintIdentifier
  return {
    id: run.id,
    action: { identifier, title: title ?? null, icon: icon ?? null, deleted: false },
    ...(typeof blueprint === 'string' && { blueprint: { identifier: blueprint } }),
    ...(run.entity !== undefined && { entity: { identifier: run.entity } }),
    properties: run.properties,
    source: 'API',
    requiredApproval: false,
    status: run.status,
    statusLabel: run.statusLabel ?? null,
    link: run.link ?? [],
    ...(run.summary !== undefined && { summary: run.summary }),
    ...(run.externalRunId !== undefined && { externalRunId: run.externalRunId }),
    approval: null,
    payload: run.payload ?? null,
    response: isRecord(run.response) ? run.response : {},
    createdBy: run.createdBy,
    updatedBy: run.createdBy,
    createdAt: time(run.createdAt),
    updatedAt: time(run.updatedAt),
    ...(run.endedAt !== undefined && { endedAt: time(run.endedAt) }),
  }
}

export function logJson(runId: string, log: PortLog): Record<string, unknown> {
  return { ...log, runId, createdAt: time(log.createdAt) }
}
