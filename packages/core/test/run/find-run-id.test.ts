import { findRunId } from '@port-dispatch/core/run'
import { describe, expect, it } from 'vitest'

describe('finding the run id in the inputs of a workflow', () => {
  it.each([
    ['port_context.runId', { port_context: '{"runId":"r_1"}' }],
    ['port_context.run_id', { port_context: '{"run_id":"r_1"}' }],
    ['port_context.context.runId', { port_context: '{"context":{"runId":"r_1"}}' }],
    ['port_context.run.id', { port_context: '{"run":{"id":"r_1"}}' }],
    ['port_payload.context.runId', { port_payload: '{"context":{"runId":"r_1"}}' }],
    ['port_payload.runId', { port_payload: '{"runId":"r_1"}' }],
    ['port_payload.run.id', { port_payload: '{"run":{"id":"r_1"}}' }],
    ['port_context.runId', { port_context: { runId: 'r_1' } }],
    ['PORT_CONTEXT.runId', { PORT_CONTEXT: '{"runId":"r_1"}' }],
    ['runId', { runId: 'r_1' }],
    ['run_id', { run_id: 'r_1' }],
    ['port_run_id', { port_run_id: 'r_1' }],
    ['PORT_RUN_ID', { PORT_RUN_ID: 'r_1' }],
  ])('looks at %s', (path, inputs) => {
    expect(findRunId(inputs)).toEqual({ found: true, runId: 'r_1', path })
  })

  it('prefers the context that Port sent to a bare input', () => {
    expect(findRunId({ runId: 'r_bare', port_context: '{"runId":"r_context"}' })).toMatchObject({
      runId: 'r_context',
    })
  })

  it('passes over a number, which is the id of a CI run', () => {
    expect(findRunId({ run_id: '4711' })).toMatchObject({ found: false })
  })

  it('passes over blank values', () => {
    expect(findRunId({ port_run_id: ' ', port_context: '{"runId":""}' })).toMatchObject({
      found: false,
    })
  })

  it('tells inputs that hold nothing, as a workflow that was started by hand has', () => {
    expect(findRunId({ port_run_id: '', port_context: ' ', service: '' })).toMatchObject({
      empty: ['port_context', 'port_run_id'],
    })
  })

  it('says where it looked, and which input held no JSON', () => {
    const found = findRunId({ port_context: 'r_1' })
    expect(found).toMatchObject({ found: false, unreadable: ['port_context'] })
    expect(found.found ? [] : found.searched).toEqual(
      expect.arrayContaining(['port_context.runId', 'port_payload.run.id', 'port_run_id']),
    )
  })

  it.each([undefined, null, 'text', 7, []])('finds nothing in %j', (inputs) => {
    expect(findRunId(inputs)).toMatchObject({ found: false })
  })
})
