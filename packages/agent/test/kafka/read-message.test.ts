import type { JsonObject } from '@port-dispatch/core'
import { signMessage } from '@port-dispatch/core/port'
import { describe, expect, it } from 'vitest'
import { type ReadOptions, readMessage } from '../../src/sources/kafka/read-message.ts'

const SECRET = 'secret'

function runMessage(method: JsonObject, changes: JsonObject = {}): JsonObject {
  return {
    action: 'deploy',
    resourceType: 'run',
    trigger: { by: { orgId: 'org_1' } },
    context: { runId: 'r_1', blueprint: 'service', entity: null },
    payload: { entity: null, properties: { a: 1 }, action: { invocationMethod: method } },
    headers: {},
    ...changes,
  }
}

const signed = (message: JsonObject) => signMessage({ secret: SECRET, timestamp: 1, message })

function read(value: JsonObject | string | null, options: Partial<ReadOptions> = {}) {
  const text = typeof value === 'string' || value === null ? value : JSON.stringify(value)
  const record = {
    topic: 'org_1.runs',
    partition: 2,
    offset: 17n,
    value: text === null ? null : Buffer.from(text),
    timestamp: 1_700_000_000_000,
  }
  return readMessage(record, {
    topic: 'runs',
    secrets: ['other', SECRET],
    accept: 'agent',
    mayHaveBegun: 'no',
    now: 1_700_000_000_500,
    ...options,
  })
}

const agent = { type: 'WEBHOOK', url: 'https://example.com', agent: true }

describe('a message of the topic of runs', () => {
  it('is work, with what templates see and when Port sent it', () => {
    expect(read(signed(runMessage(agent)))).toMatchObject({
      type: 'work',
      work: {
        runId: 'r_1',
        source: 'kafka',
        action: 'deploy',
        invocationMethod: agent,
        message: { context: { runId: 'r_1' } },
        context: { inputs: { a: 1 }, run: { id: 'r_1' } },
        mayHaveBegun: 'no',
        sentAt: 1_700_000_000_000,
        receivedAt: 1_700_000_000_500,
      },
    })
  })

  it.each([
    ['GitLab, whose headers are not signed', { type: 'GITLAB', agent: 'true' }],
    ['a workflow node run', { ...agent }, { context: { runId: 'wfnr_1' } }],
    ['an action with a body of its own', { ...agent }, { resourceType: 'x', mine: [1] }],
  ])('is work for %s', (_, method: JsonObject, changes: JsonObject = {}) => {
    const { resourceType: _own, ...message } = runMessage(method, changes)
    expect(read(signed(message))).toMatchObject({ type: 'work' })
  })

  it.each([false, 'false', undefined])('is left to others if agent is %s', (flag) => {
    const { agent: _flag, ...rest } = agent
    const method = flag === undefined ? rest : { ...rest, agent: flag }
    expect(read(signed(runMessage(method)))).toEqual({ type: 'not-ours' })
    expect(read(runMessage(method))).toEqual({ type: 'not-ours' })
    expect(read(signed(runMessage(method)), { accept: 'all' })).toMatchObject({ type: 'work' })
  })

  it.each([
    ['not-json', '{"a":', undefined],
    ['not-json', '[1]', undefined],
    ['not-json', null, undefined],
    ['bad-signature', runMessage(agent), undefined],
    ['bad-signature', { ...signed(runMessage(agent)), action: 'other' }, undefined],
    ['bad-signature', { hello: 'world' }, undefined],
    ['no-run-id', signed(runMessage(agent, { context: {} })), undefined],
    ['no-run-id', signed(runMessage(agent, { context: { runId: '' } })), undefined],
    ['unknown-type', signed(runMessage({ agent: true })), 'r_1'],
    ['not-a-run', signed(runMessage(agent, { payload: {} })), 'r_1'],
  ])('is refused as %s: %j', (reason, value, runId) => {
    const message = read(value as JsonObject)
    expect(message).toMatchObject({ type: 'refusal', refusal: { source: 'kafka', reason } })
    if (message.type !== 'refusal') return
    expect(message.refusal.runId).toBe(runId)
    expect(message.refusal.message).toContain(
      'The message at offset 17 of partition 2 of topic org_1.runs ',
    )
  })

  it('that is nested deeper than anything can walk is refused like one that is no JSON', () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    // Who cannot sign can still make the signature be computed.
    const headers = { 'X-Port-Signature': 'v1,x', 'X-Port-Timestamp': '1' }
    const message = JSON.stringify(runMessage(agent, { headers })).replace('"a":1', `"a":${deep}`)
    expect(read(message)).toEqual(read('no JSON'))
  })

  it('is refused without a word of what it holds', () => {
    const message = read({ ...runMessage(agent), hidden: 'hunter2' })
    expect(JSON.stringify(message)).not.toContain('hunter2')
  })
})

describe('a message of the change log', () => {
  const change = (destination: JsonObject | null): JsonObject => ({
    action: 'UPDATE',
    resourceType: 'entity',
    trigger: { by: { orgId: 'org_1' } },
    context: { entity: 'checkout' },
    diff: { before: null, after: { identifier: 'checkout' } },
    changelogDestination: destination,
  })
  const toAgent = { type: 'WEBHOOK', agent: true, url: 'https://example.com/changes' }

  it('is a request with the message as its body, and no run', () => {
    expect(read(change(toAgent), { topic: 'change-log' })).toMatchObject({
      type: 'work',
      work: {
        runId: 'org_1.runs-2-17',
        isChange: true,
        invocationMethod: toAgent,
        message: { action: 'UPDATE' },
        context: { event: { action: 'UPDATE', diff: { before: null } } },
      },
    })
  })

  it.each([null, { ...toAgent, agent: false }])('is left alone for %j', (destination) => {
    expect(read(change(destination), { topic: 'change-log' })).toEqual({ type: 'not-ours' })
  })

  it('is refused without a URL', () => {
    const message = read(change({ type: 'WEBHOOK', agent: true }), { topic: 'change-log' })
    expect(message).toMatchObject({ refusal: { reason: 'no-url' } })
  })
})
