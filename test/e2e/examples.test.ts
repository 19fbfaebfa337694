import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAction, parseTriggerData, renderInvocationMethod } from '@port-dispatch/core/action'
import { defaultDefinition } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { runCommand } from '../support/run-command.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

const FOLDER = 'examples'

/** Every context of every example: `examples/deploy-service`, `context-failing`. */
const examples = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\/context[^/]*\.json$/.test(path))
  .map((path) => path.replace(/\.json$/, '').split('/') as [string, string])
  .sort()

function read(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(FOLDER, ...path), 'utf8'))
}

describe.concurrent('the examples', () => {
  it.for(['scaffold-service', 'deploy-service', 'provision-database'])(
    '%s is an action of the sandbox',
    (name) => {
      expect(defaultDefinition.port.actions).toContainEqual(read(name, 'action.json'))
    },
  )

  it.for(examples)('%s renders with %s as rendered*.json says', async ([name, context]) => {
    const { invocationMethod } = parseAction(read(name, 'action.json'))
    const triggerData = parseTriggerData(read(name, `${context}.json`))
    const { method, failures } = await renderInvocationMethod(invocationMethod, triggerData)
    expect(failures).toEqual([])
    await expect(`${JSON.stringify(method, null, 2)}\n`).toMatchFileSnapshot(
      join('..', '..', FOLDER, name, `${context.replace('context', 'rendered')}.json`),
    )
  })

  const sent = examples.filter(([name]) =>
    /"type": "WEBHOOK"/.test(readFileSync(join(FOLDER, name, 'action.json'), 'utf8')),
  )

  it.for(sent)('%s is sent with %s, signed', async ([name, context], { sandbox }) => {
    const { runId = '' } = parseTriggerData(read(name, `${context}.json`))
    sandbox.createPortRun('deploy_service', { id: runId })
    const action = readFileSync(join(FOLDER, name, 'action.json'), 'utf8')
    const here = action.replace(/("url": ")https:\/\/[^/"]+/, `$1${sandbox.url}/webhooks`)

    const { code } = await runCommand(
      ['dispatch', '--action', here, '--context', join(FOLDER, name, `${context}.json`)],
      { env: sandbox.environment },
    )

    expect(code).toBe(0)
    expect(sandbox.webhooks).toEqual([
      expect.objectContaining({ verification: expect.objectContaining({ valid: true }) }),
    ])
    const isSynchronized = /"synchronized": true/.test(action)
    expect(sandbox.portRun(runId)?.status).toBe(isSynchronized ? 'SUCCESS' : 'IN_PROGRESS')
  })

  const dispatched = examples.filter(([name]) =>
    /"type": "(GITHUB|GITLAB)"/.test(readFileSync(join(FOLDER, name, 'action.json'), 'utf8')),
  )

  it.for(dispatched)('%s runs with %s', async ([name, context], { sandbox }) => {
    const { runId = '' } = parseTriggerData(read(name, `${context}.json`))
    if (!sandbox.portRun(runId)) sandbox.createPortRun('deploy_service', { id: runId })
    const files = [
      '--action',
      join(FOLDER, name, 'action.json'),
      '--context',
      join(FOLDER, name, `${context}.json`),
    ]
    const { code } = await runCommand(['dispatch', ...files, '--wait'], {
      env: sandbox.environment,
    })
    const [expected, status] = context.endsWith('failing') ? [1, 'FAILURE'] : [0, 'SUCCESS']
    expect(code).toBe(expected)
    expect(sandbox.portRun(runId)?.status).toBe(status)
  })
})
