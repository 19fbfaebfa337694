import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect } from 'vitest'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { component } from './gitlab/component.ts'
import { packCommand } from './gitlab/packed-command.ts'
import { hasTools } from './gitlab/required-tools.ts'
import { runPipeline } from './gitlab/run-pipeline.ts'

const EXAMPLE = 'test/e2e/lint/examples/provision-database'

describe
  .skipIf(!hasTools('gitlab-ci-local', 'git', 'rsync'))
  .concurrent('the component lint', () => {
    let tarball = ''
    let action = ''
    beforeAll(async () => {
      ;({ tarball } = await packCommand())
      action = await readFile(`${EXAMPLE}/action.json`, 'utf8')
    })

    it.for<[string, (text: string) => string, Record<string, unknown>, number]>([
      ['passes on an action that is right', (text) => text, {}, 0],
      ['fails on an error', (text) => text.replace('.inputs.name', '.inputs.nmae'), {}, 1],
      ['passes on a warning', (text) => text.replace('"CREATE"', '"CREAT"'), {}, 0],
      [
        'fails on a warning too many',
        (text) => text.replace('"CREATE"', '"CREAT"'),
        { 'max-warnings': '0' },
        1,
      ],
    ])('%s', async ([, change, inputs, expected], { sandbox }) => {
      const { code, jobs, output } = await runPipeline(sandbox, {
        config: `include:\n${component('lint', tarball, { actions: 'actions', ...inputs })}`,
        files: { 'actions/action.json': change(action) },
      })
      expect(jobs, output).toEqual({ 'port-lint': expected === 0 ? 'PASS' : 'FAIL' })
      expect(code === 0).toBe(expected === 0)
    })
  })
