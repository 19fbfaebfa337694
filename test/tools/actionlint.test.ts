import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { skeletonFor } from '@port-dispatch/core/init'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeYaml } from '../../packages/cli/src/init/write-yaml.ts'
import { findTool } from '../support/find-tool.ts'
import { actionWith, fields, payloadOf, runIds, titles } from '../support/init-arbitraries.ts'
import { runProcess } from '../support/run-process.ts'
import { type Snippet, workflowSnippets } from '../support/workflow-snippets.ts'

const actionlint =
  findTool('actionlint', 'go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12') ?? ''
const ROOT = resolve(import.meta.dirname, '../..')

function workflowsIn(folder: string): Snippet[] {
  return readdirSync(join(ROOT, folder)).map((file) => ({
    name: join(folder, file),
    text: readFileSync(join(ROOT, folder, file), 'utf8'),
  }))
}

function pages(): Snippet[] {
  const docs = readdirSync(join(ROOT, 'docs')).map((file) => join(ROOT, 'docs', file))
  return [join(ROOT, 'README.md'), ...docs]
    .filter((file) => file.endsWith('.md'))
    .flatMap(workflowSnippets)
    .map(({ name, text }) => ({ name: relative(ROOT, name), text }))
}

describe.skipIf(actionlint === '')('actionlint finds nothing in', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'port-dispatch-lint-'))
    for (const name of ['.git', '.github/workflows', 'dist']) {
      mkdirSync(join(folder, name), { recursive: true })
    }
    for (const name of ['action.yml', 'dist/main.cjs', 'dist/post.cjs']) {
      copyFileSync(join(ROOT, name), join(folder, name))
    }
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  it('workflows that init makes', async () => {
    const made = fc.sample(fc.tuple(fields, runIds, titles), { numRuns: 40, seed: 20_261_125 })
    for (const [index, [all, runId, title]] of made.entries()) {
      const method = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }
      const workflowInputs = { ...payloadOf(all), ...runId }
      const action = actionWith(all, title, { ...method, workflowInputs })
      const text = writeYaml(await skeletonFor(action, 'The action', { version: '0.1.0' }))
      writeFileSync(
        join(folder, `.github/workflows/made-${index}.yml`),
        text.replaceAll('port-dispatch/port-dispatch@v1', './'),
      )
    }
    const files = made.map((_, index) => join(folder, `.github/workflows/made-${index}.yml`))
    const env = { PATH: process.env.PATH }
    const result = await runProcess(actionlint, ['-no-color', ...files], { cwd: folder, env })
    expect(result, result.stdout).toMatchObject({ code: 0 })
  })

  it.each([...workflowsIn('.github/workflows'), ...workflowsIn('examples/workflows'), ...pages()])(
    '$name',
    async ({ text }) => {
      // As a local action its inputs and outputs are checked against action.yml.
      const workflow = text.replaceAll('port-dispatch/port-dispatch@v1', './')
      const file = join(folder, '.github/workflows/workflow.yml')
      writeFileSync(file, workflow)
      const env = { PATH: process.env.PATH }
      const result = await runProcess(actionlint, ['-no-color', file], { cwd: folder, env })
      expect(result, result.stdout).toMatchObject({ code: 0 })
    },
  )
})
