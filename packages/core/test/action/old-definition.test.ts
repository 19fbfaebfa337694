import {
  parseAction,
  parseTriggerData,
  renderInvocationMethod,
  runMessageTemplate,
} from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'

const github = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }
const userInputs = { properties: { version: { type: 'string' } }, required: ['version'] }
const old = { identifier: 'deploy', trigger: 'CREATE', userInputs }

const inputs = { version: '1.4', count: 3, on: true, tags: ['a'], ref: 'release' }
const texts = { version: '1.4', count: '3', on: 'true', tags: '["a"]', ref: 'release' }
const context = {
  inputs,
  trigger: { operation: 'CREATE', origin: 'UI' },
  entity: { identifier: 'checkout' },
  action: { identifier: 'deploy', blueprint: 'service', encryptedProperties: ['x'] },
  run: { id: 'r_1' },
}

async function render(action: unknown) {
  return await renderInvocationMethod(parseAction(action), parseTriggerData(context))
}

function messageFor(invocationMethod: object) {
  return {
    action: 'deploy',
    resourceType: 'run',
    status: 'TRIGGERED',
    trigger: context.trigger,
    context: { entity: 'checkout', blueprint: 'service', runId: 'r_1' },
    payload: {
      entity: context.entity,
      action: { invocationMethod, trigger: 'CREATE' },
      properties: inputs,
      censoredProperties: ['x'],
    },
  }
}

describe("an action of Port's first version", () => {
  it.each([
    [{}, { ...texts, port_payload: true }],
    [
      { omitPayload: false, omitUserInputs: false },
      { ...texts, port_payload: true },
    ],
    [{ omitPayload: true }, texts],
    [{ omitUserInputs: true }, { ref: 'release', port_payload: true }],
    [{ omitPayload: true, omitUserInputs: true }, { ref: 'release' }],
    [{ omitPayload: 'true', omitUserInputs: null }, texts],
  ])('gives a workflow its inputs as the flags %j say', async (flags, expected) => {
    const invocationMethod = { ...github, ...flags, reportWorkflowStatus: false }
    const { method, failures } = await render({ ...old, invocationMethod })
    expect(failures).toEqual([])
    expect(method).toEqual({
      ...github,
      reportWorkflowStatus: false,
      workflowInputs: {
        ...expected,
        ...('port_payload' in expected && { port_payload: messageFor(invocationMethod) }),
      },
    })
  })

  it.each([
    [{}, { ...texts, port_payload: true }],
    [{ omitPayload: true }, texts],
    [{ omitUserInputs: true }, { port_payload: true }],
  ])('gives a pipeline its variables as the flags %j say', async (flags, expected) => {
    const invocationMethod = { type: 'GITLAB', projectName: 'p', groupName: 'g', ...flags }
    const { method } = await render({ ...old, invocationMethod })
    expect(method).toMatchObject({
      pipelineVariables: {
        ...expected,
        ...('port_payload' in expected && { port_payload: messageFor(invocationMethod) }),
      },
    })
  })

  it.each([
    ['WEBHOOK', 'body', { url: 'https://x.example', agent: true }],
    ['KAFKA', 'payload', {}],
    ['AZURE_DEVOPS', 'payload', { org: 'acme', webhook: 'port' }],
  ])('sends %s the run message', async (type, field, fields) => {
    const invocationMethod = { type, ...fields }
    const { method } = await render({ ...old, invocationMethod })
    expect(method).toHaveProperty(field, messageFor(invocationMethod))
  })

  it('is noted, with the definition of today', () => {
    const { notes } = parseAction({
      ...old,
      title: 'Deploy',
      invocationMethod: { ...github, omitPayload: true },
    })
    const definition = {
      identifier: 'deploy',
      title: 'Deploy',
      trigger: { type: 'self-service', operation: 'CREATE', userInputs },
      invocationMethod: {
        ...github,
        workflowInputs: { '{{ spreadValue() }}': '{{ (.inputs // {}) | map_values(tostring) }}' },
      },
    }
    expect(notes).toEqual([
      {
        type: 'old-definition',
        path: 'workflowInputs',
        message: expect.stringContaining(JSON.stringify(definition)),
        definition,
      },
    ])
    // It is the definition of today: nothing is left to convert.
    expect(parseAction(definition).notes).toEqual([])
  })

  it('is recognized by its flags alone', () => {
    const { invocationMethod, notes } = parseAction({ ...github, omitUserInputs: true })
    expect(invocationMethod).toHaveProperty('workflowInputs.port_payload')
    expect(notes[0]?.definition).not.toHaveProperty('trigger')
  })

  it('with a payload of today keeps it', () => {
    const workflowInputs = { a: '1' }
    const { invocationMethod, notes } = parseAction({
      ...old,
      invocationMethod: { ...github, workflowInputs, omitPayload: true },
    })
    expect(invocationMethod).toMatchObject({ workflowInputs })
    expect(notes).toMatchObject([{ type: 'unknown-key', path: 'omitPayload' }])
  })

  it('has no user inputs in an automation', async () => {
    const { method, notes } = await renderInvocationMethod(
      parseAction({ ...old, invocationMethod: { ...github, omitPayload: true } }),
      parseTriggerData({ inputs: null }),
    )
    expect(method).toMatchObject({ workflowInputs: {} })
    expect(notes).toHaveLength(1)
  })
})

it('an action of today without a payload is not converted', () => {
  const trigger = { type: 'self-service', operation: 'CREATE', userInputs }
  for (const invocationMethod of [github, { type: 'KAFKA' }]) {
    expect(parseAction({ identifier: 'a', trigger, invocationMethod })).toEqual({
      identifier: 'a',
      invocationMethod,
      notes: [],
    })
  }
})

it('the template of the run message is what a consumer without a payload of its own gets', () => {
  expect(runMessageTemplate({ type: 'KAFKA' })).toMatchObject({
    resourceType: 'run',
    payload: { action: { invocationMethod: { type: 'KAFKA' } } },
  })
})
