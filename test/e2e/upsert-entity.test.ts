import { describe, expect } from 'vitest'
import { runCommand } from '../support/run-command.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

const ACTION = {
  type: 'UPSERT_ENTITY',
  blueprintIdentifier: 'service',
  mapping: {
    identifier: '{{ .inputs.name }}',
    title: 'Service {{ .inputs.name }}',
    properties: { language: '{{ .inputs.language }}' },
  },
}

describe.concurrent('the command dispatches UPSERT_ENTITY', () => {
  it('and stores the entity for the Port run, which ends', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')

    const { code, stderr } = await runCommand(
      [
        'dispatch',
        '--action',
        JSON.stringify(ACTION),
        '--context',
        JSON.stringify({ inputs: { name: 'checkout', language: 'go' }, run: { id } }),
      ],
      { env: sandbox.environment },
    )

    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Stored entity checkout of blueprint service.'),
    })
    expect(sandbox.portEntities()).toEqual([
      {
        identifier: 'checkout',
        blueprint: 'service',
        title: 'Service checkout',
        properties: { language: 'go' },
        relations: {},
      },
    ])
    const stored = sandbox.exchanges.find(({ path }) => path.endsWith('/entities'))
    expect(stored).toMatchObject({ method: 'POST', query: { upsert: 'true', run_id: id } })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS', statusLabel: 'Entity stored' })
  })

  it('and ends the Port run with what Port has against it', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const action = { ...ACTION, blueprintIdentifier: 'missing' }

    const { code, stderr } = await runCommand(
      [
        'dispatch',
        '--action',
        JSON.stringify(action),
        '--context',
        JSON.stringify({ run: { id } }),
      ],
      { env: sandbox.environment },
    )

    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('404 Blueprint with identifier "missing" was not found'),
    })
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Entity not stored',
    })
  })

  it('but not without credentials of Port', async () => {
    const { code, stderr } = await runCommand([
      'dispatch',
      '--no-report',
      '--action',
      JSON.stringify(ACTION),
      '--context',
      '{}',
    ])

    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('PORT_CLIENT_ID: is missing'),
    })
  })
})
