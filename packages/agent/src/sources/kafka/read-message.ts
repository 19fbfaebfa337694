import { InputError, isJsonObject, type JsonObject } from '@port-dispatch/core'
import { parseRunMessage } from '@port-dispatch/core/action'
import { parseBody } from '@port-dispatch/core/http'
import { verifyMessage } from '@port-dispatch/core/port'
import type { Refusal, Work } from '../../work.ts'
import type { KafkaRecord } from './partition.ts'

export interface ReadOptions {
  /** Of messages in the topic of runs; those of the change log are not signed. */
  topic: 'runs' | 'change-log'
  /** Client secrets, with any of which a run message may be signed. */
  secrets: readonly string[]
  /** `agent`: only what is meant for an agent. */
  accept: 'agent' | 'all'
  mayHaveBegun: Work['mayHaveBegun']
  /** Milliseconds since the epoch. */
  now: number
}

export type MessageRead =
  | { type: 'work'; work: Work }
  | { type: 'refusal'; refusal: Refusal }
  /** Somebody else's: Port performs it, or a consumer that was written for it. */
  | { type: 'not-ours' }

/** Makes work of a message, or says why it is none. */
export function readMessage(record: KafkaRecord, options: ReadOptions): MessageRead {
  const message = parse(record.value)
  if (!message) return refusal(record, 'not-json', 'is not a JSON object')
  return options.topic === 'runs'
    ? readRun(record, message, options)
    : readChange(record, message, options)
}

function readRun(record: KafkaRecord, message: JsonObject, options: ReadOptions): MessageRead {
  const { secrets, accept } = options
  const action = isJsonObject(message.payload) ? message.payload.action : undefined
  const method = isJsonObject(action) ? action.invocationMethod : undefined
  if (accept === 'agent' && isJsonObject(method) && !isTrue(method.agent)) {
    return { type: 'not-ours' }
  }
  const verification = verifyMessage({ message, secrets })
  if (!verification.valid) {
    return refusal(record, 'bad-signature', `is not signed by Port: ${verification.message}`)
  }
  const runId = isJsonObject(message.context) ? message.context.runId : undefined
  if (typeof runId !== 'string' || runId.trim() === '') {
    return refusal(record, 'no-run-id', 'names no run (context.runId)')
  }
  if (isJsonObject(method) && typeof method.type !== 'string') {
    const found = 'has an invocation method without a type (payload.action.invocationMethod.type)'
    return refusal(record, 'unknown-type', found, runId)
  }
  try {
    const run = parseRunMessage(message)
    return {
      type: 'work',
      work: {
        runId: run.runId,
        ...(run.action !== undefined && { action: run.action }),
        invocationMethod: run.invocationMethod,
        message: run.message,
        context: run.context,
        ...common(record, options),
      },
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return refusal(record, 'not-a-run', `is not a run message. ${error.message}`, runId)
  }
}

/**
 * A change of the catalog whose destination is an agent: a request to `changelogDestination.url` with the message as its
 * body. It belongs to no run, so that its place in the topic identifies it and nothing is reported.
 */
function readChange(record: KafkaRecord, message: JsonObject, options: ReadOptions): MessageRead {
  const { changelogDestination: destination } = message
  if (!isJsonObject(destination)) return { type: 'not-ours' }
  if (options.accept === 'agent' && !isTrue(destination.agent)) return { type: 'not-ours' }
  if (typeof destination.url !== 'string') {
    if (options.accept === 'all') return { type: 'not-ours' }
    return refusal(record, 'no-url', 'has no URL to send the change to (changelogDestination.url)')
  }
  const { topic, partition, offset } = record
  const { action, resourceType, trigger, context, diff } = message
  return {
    type: 'work',
    work: {
      runId: `${topic}-${partition}-${offset}`,
      isChange: true,
      invocationMethod: { type: 'WEBHOOK', ...destination },
      message,
      context: {
        inputs: null,
        trigger: trigger ?? null,
        event: {
          action: action ?? null,
          resourceType: resourceType ?? null,
          context: context ?? null,
          diff: diff ?? null,
        },
        entity: null,
        action: null,
        secrets: {},
      },
      ...common(record, options),
    },
  }
}

function common({ timestamp }: KafkaRecord, { mayHaveBegun, now }: ReadOptions) {
  return {
    source: 'kafka' as const,
    mayHaveBegun,
    receivedAt: now,
    ...(timestamp > 0 && { sentAt: timestamp }),
  }
}

function refusal(record: KafkaRecord, reason: string, found: string, runId?: string): MessageRead {
  const { topic, partition, offset } = record
  const message = `The message at offset ${offset} of partition ${partition} of topic ${topic} ${found}`
  return {
    type: 'refusal',
    refusal: {
      source: 'kafka',
      reason,
      message: message.endsWith('.') ? message : `${message}.`,
      ...(runId !== undefined && { runId }),
    },
  }
}

function parse(value: Uint8Array | null): JsonObject | undefined {
  if (!value) return undefined
  try {
    const parsed = parseBody(Buffer.from(value).toString('utf8'))
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** A flag that came out of a template can be text. */
function isTrue(flag: unknown): boolean {
  return flag === true || flag === 'true'
}
