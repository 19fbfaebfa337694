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
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findTool } from '../support/find-tool.ts'
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
