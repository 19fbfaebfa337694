import {
  findRunId,
  findRunIdInEvent,
  identifierProblem,
  isNodeRunId,
} from '@port-dispatch/core/run'
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
    ['context.runId', { context: '{"runId":"r_1"}' }],
    ['run.id', { run: { id: 'r_1' }, inputs: null }],
    ['payload.context.runId', { payload: '{"context":{"runId":"r_1"}}' }],
    ['port_context.context.runId', { port_context: { context: '{"runId":"r_1"}' } }],
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

  it.each([
    [
      'port_context.workflowNodeRun.identifier',
      { port_context: '{"workflowNodeRun":{"identifier":"wfnr_1"}}' },
    ],
    ['workflowNodeRun.identifier', { workflowNodeRun: { identifier: 'wfnr_1' } }],
    ['port_payload.context.runId', { port_payload: '{"context":{"runId":"wfnr_1"}}' }],
    ['port_run_id', { port_run_id: 'wfnr_1' }],
    ['runId', { runId: 'wfnr_1' }],
  ])('finds a workflow node run at %s', (path, inputs) => {
    expect(findRunId(inputs)).toEqual({ found: true, runId: 'wfnr_1', path })
  })

  it.each([{ port_run_id: ' r_1\n' }, { port_context: '{"runId":" r_1 "}' }, { run_id: '\tr_1' }])(
    'takes no notice of blanks around the id: %j',
    (inputs) => {
      expect(findRunId(inputs)).toMatchObject({ found: true, runId: 'r_1' })
    },
  )

  it('believes the shape of an id more than its place', () => {
    expect(findRunId({ port_context: { runId: 'nightly' }, run_id: 'r_1' })).toMatchObject({
      runId: 'r_1',
    })
    expect(findRunId({ port_run_id: 'custom-1' })).toMatchObject({ runId: 'custom-1' })
    expect(findRunId({ run_id: 'nightly' })).toMatchObject({ found: false })
  })

  it.each(['{{ .run.id }}', `\${{ inputs.x }}`, '../../x', '..', 'two words'])(
    'tells what is not an id: %s',
    (value) => {
      expect(findRunId({ port_run_id: value })).toMatchObject({
        found: false,
        unusable: ['port_run_id'],
      })
    },
  )

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

describe('finding the run id in the event that started a CI run', () => {
  const runMessage = { resourceType: 'run', context: { runId: 'r_1' }, payload: { properties: {} } }
  const triggerData = { inputs: { runId: 'other' }, trigger: {}, run: { id: 'r_1' } }

  it.each<[string, unknown]>([
    ['workflow_dispatch, bare input', { inputs: { port_run_id: 'r_1' }, ref: 'main' }],
    ['workflow_dispatch, context in one input', { inputs: { port_context: '{"runId":"r_1"}' } }],
    ['repository_dispatch, trigger data', { action: 'x', client_payload: triggerData }],
    ['repository_dispatch, run message', { client_payload: runMessage }],
    [
      'repository_dispatch, run message in an envelope',
      { client_payload: { port_payload: runMessage } },
    ],
    ['repository_dispatch, payload', { client_payload: { payload: runMessage } }],
    ['GitLab, variables', { ref: 'main', variables: { port_run_id: 'r_1' } }],
    ['GitLab, the payload as it is', { ...runMessage, ref: 'main' }],
    ['GitLab, trigger data as it is', triggerData],
  ])('%s', (_, event) => {
    expect(findRunIdInEvent(event)).toMatchObject({ found: true, runId: 'r_1' })
  })

  it('goes on in the variables of the job', () => {
    expect(findRunIdInEvent(undefined, { PORT_RUN_ID: 'r_1' })).toMatchObject({ runId: 'r_1' })
  })

  it.each<[string, unknown]>([
    ['push', { ref: 'refs/heads/main', commits: [{ id: 'r' }], after: 'abc' }],
    ['workflow_run', { action: 'completed', workflow_run: { id: 7, run_id: 'r_1' } }],
    ['a list', []],
    ['no event', undefined],
  ])('finds nothing in %s', (_, event) => {
    expect(findRunIdInEvent(event)).toMatchObject({ found: false })
  })

  it('names each place once', () => {
    const found = findRunIdInEvent({ inputs: { a: '' }, client_payload: {}, variables: {} })
    const searched = found.found ? [] : found.searched
    expect(searched).toContain('port_context.workflowNodeRun.identifier')
    expect(new Set(searched).size).toBe(searched.length)
  })
})

describe('an identifier that becomes part of an address', () => {
  it.each(['', ' ', '.', '..', '%2e', '%2E%2e', 'a/b', 'a\\b', 'a\nb', 'a\u0000', '\ud800'])(
    'is refused: %j',
    (id) => {
      expect(identifierProblem(id)).toBeTypeOf('string')
    },
  )

  it.each(['r_1', 'a.b', '...', 'ünï', 'a b', 'x@y.z', 'a%2Fb', '🐎'])('can be %j', (id) => {
    expect(identifierProblem(id)).toBeUndefined()
  })

  it('is that of a node run by its beginning', () => {
    expect([isNodeRunId('wfnr_1'), isNodeRunId('r_wfnr_1')]).toEqual([true, false])
  })
})
