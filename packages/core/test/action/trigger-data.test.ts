import { isNodeRunId, parseRunMessage, parseTriggerData } from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'
import { messageOf, problemsOf } from './problems-of.ts'

const invocationMethod = { type: 'WEBHOOK', url: 'https://x.example', agent: true }
const message = {
  action: 'deploy',
  resourceType: 'run',
  status: 'TRIGGERED',
  trigger: { origin: 'UI' },
  context: { entity: 'checkout', blueprint: 'service', runId: 'r_1' },
  payload: {
    entity: { identifier: 'checkout' },
    action: { invocationMethod },
    properties: { version: '1' },
  },
}
const contextOfMessage = {
  inputs: { version: '1' },
  trigger: { origin: 'UI' },
  event: null,
  entity: { identifier: 'checkout' },
  action: { identifier: 'deploy', blueprint: 'service' },
  run: { id: 'r_1' },
  secrets: {},
}

describe('trigger data', () => {
  it('is the context as it is', () => {
    const context = { inputs: { a: 1 }, run: { id: 'r_1' }, own: true }
    expect(parseTriggerData(context)).toEqual({ context, runId: 'r_1' })
  })

  it('may come from an automation, which has no inputs', () => {
    expect(parseTriggerData({ inputs: null, event: { action: 'UPDATE' } })).not.toHaveProperty(
      'runId',
    )
  })

  it.each([
    ['', (value: object) => value],
    [' in a record', (value: object) => ({ topic: 't', value })],
    [' in a record, as text', (value: object) => ({ value: JSON.stringify(value) })],
    [' in a workflow input', (value: object) => ({ port_payload: JSON.stringify(value) })],
    [' in an event', (value: object) => ({ client_payload: value })],
  ])('is made from a run message%s', (_, wrap) => {
    expect(parseTriggerData(wrap(message))).toEqual({ runId: 'r_1', context: contextOfMessage })
  })

  it('can have an envelope too', () => {
    const context = { inputs: { a: 1 }, run: { id: 'r_1' } }
    expect(parseTriggerData({ client_payload: context })).toEqual({ context, runId: 'r_1' })
  })

  it('stays what it is if it holds a run message', () => {
    const context = { inputs: { a: 1 }, message }
    expect(parseTriggerData(context)).toEqual({ context })
  })

  it('may be the context of a workflow of Port', () => {
    const context = {
      outputs: { trigger: { version: '1' } },
      workflowRun: { identifier: 'wfr_1' },
      workflowNodeRun: { identifier: 'wfnr_1' },
    }
    expect(parseTriggerData(context)).toEqual({ context, runId: 'wfnr_1' })
  })

  it('has ids without the blanks around them', () => {
    expect(parseTriggerData({ run: { id: ' r_1\n' } }).runId).toBe('r_1')
    expect(parseTriggerData({ workflowNodeRun: { identifier: 'wfnr_1 ' } }).runId).toBe('wfnr_1')
    expect(parseTriggerData({ ...message, context: { runId: ' r_1 ' } }).context).toMatchObject({
      run: { id: 'r_1' },
    })
  })

  it.each(['', ' ', '.', '..', 'r/1', 'r_1/../../x', 'r?1'])(
    'is refused with %j as the id of the run',
    (id) => {
      expect(messageOf(() => parseTriggerData({ run: { id } }))).toContain('run.id: found')
      expect(messageOf(() => parseTriggerData({ ...message, context: { runId: id } }))).toContain(
        'context.runId: found',
      )
    },
  )

  it('takes null for every part that is absent', () => {
    const context = {
      inputs: null,
      trigger: null,
      event: null,
      entity: null,
      action: null,
      run: null,
      secrets: null,
      outputs: null,
      workflowRun: null,
      workflowNodeRun: null,
    }
    expect(parseTriggerData(context)).toEqual({ context })
    expect(parseTriggerData({ run: { id: null } })).not.toHaveProperty('runId')
  })

  it('is refused with the path of what is wrong', () => {
    expect(problemsOf(() => parseTriggerData({ inputs: 'x', run: { id: 7 } }))).toEqual([
      { path: 'inputs', found: 'found "x"', expected: 'an object' },
      { path: 'run.id', found: 'found 7', expected: 'the id of a run, as a string' },
    ])
  })

  it.each([
    { identifier: 'a', invocationMethod },
    invocationMethod,
    { ok: true, action: { identifier: 'a', invocationMethod } },
    { ok: true, actions: [] },
  ])('is refused where an action is given instead: %j', (value) => {
    expect(messageOf(() => parseTriggerData(value))).toContain('found an action definition')
  })

  it.each([null, [], 'text'])('is refused when it is %j', (value) => {
    expect(() => parseTriggerData(value)).toThrow('expected an object')
  })
})

describe('a run message', () => {
  it('gives what an agent needs', () => {
    const headers = { 'X-Port-Signature': 'v1,x' }
    expect(parseRunMessage({ ...message, headers })).toEqual({
      runId: 'r_1',
      action: 'deploy',
      invocationMethod,
      headers,
      context: contextOfMessage,
      message: { ...message, headers },
    })
  })

  it('can have the body of the action at its root, whatever that holds', () => {
    const body = { action: 5, trigger: 'x', version: '1' }
    const value = {
      ...body,
      context: { runId: 'r_1' },
      payload: { action: { invocationMethod } },
      headers: {},
    }
    expect(parseRunMessage({ key: null, value })).toMatchObject({
      runId: 'r_1',
      invocationMethod,
      message: value,
      context: { inputs: null, trigger: null },
    })
  })

  it('can be that of a node run', () => {
    const node = parseRunMessage({ ...message, context: { runId: 'wfnr_1' } })
    expect(node.context).toMatchObject({ workflowNodeRun: { identifier: 'wfnr_1' } })
    expect([isNodeRunId(node.runId), isNodeRunId('r_1')]).toEqual([true, false])
  })

  it.each([
    [{ ...message, context: {} }, 'context.runId: is missing'],
    [{ ...message, payload: undefined }, 'payload: is missing'],
    [{ ...message, payload: {} }, 'payload.action.invocationMethod: is missing'],
    ['text', 'found "text"; expected an object'],
  ])('is refused without what executing needs', (value, expected) => {
    expect(messageOf(() => parseRunMessage(value))).toContain(expected)
  })
})
