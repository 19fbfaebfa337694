import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

const EXAMPLES = new URL('../lint/examples/', import.meta.url).pathname

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'port-dispatch-lint-step-'))
  await cp(join(EXAMPLES, 'deploy-service'), cwd, { recursive: true })
  const wrong = {
    identifier: 'wrong',
    trigger: { type: 'self-service', operation: 'DAY-2' },
    invocationMethod: { type: 'KAFKA', payload: { name: '{{ .entity.name }}' } },
  }
  await writeFile(join(cwd, 'warned.json'), JSON.stringify(wrong, null, 2))
  await writeFile(join(cwd, 'wrong.json'), JSON.stringify(wrong).replace('.entity', '.entitie'))
})
afterAll(() => rm(cwd, { recursive: true }))

describe.concurrent('LINT', () => {
  it.for<[Record<string, string>, number, string[]]>([
    [{ actions: 'action.json' }, 0, []],
    [{ actions: 'warned.json' }, 0, ['warning: .entity.name']],
    [{ actions: 'warned.json', maxWarnings: '0' }, 1, ['warning: .entity.name', 'error: Linted']],
    [{ actions: 'action.json\n wrong.json' }, 1, ['error: .entitie', 'error: Linted 2 actions']],
    [{ actions: 'missing.json' }, 1, ['error: The action cannot be read']],
    [{}, 1, ['error: The step cannot run']],
    [{ actions: 'action.json', maxWarnings: 'x' }, 1, ['error: The step cannot run']],
    [{ actions: 'action.json', payload: '{}' }, 1, ['error: The inputs conflict']],
  ])('%j exits with %i', async ([inputs, code, annotations], { sandbox }) => {
    const step = new ActionStep({ sandbox, inputs: { operation: 'LINT', ...inputs }, cwd })
    const main = await step.main()
    expect({ code: main.code, annotations: main.annotations }).toEqual({
      code,
      annotations: annotations.map((text) => expect.stringContaining(text)),
    })
    expect(sandbox.exchanges).toEqual([])
  })
})
