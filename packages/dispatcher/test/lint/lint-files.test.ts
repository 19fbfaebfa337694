import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseSource } from '@port-dispatch/dispatcher/host'
import { lintFiles } from '@port-dispatch/dispatcher/host/lint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'port-dispatch-lint-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function write(at: string, files: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, at, name)), { recursive: true })
    await writeFile(join(folder, at, name), text)
  }
  return join(folder, at)
}

describe('the position of a part of a string', () => {
  it.for<[string, string, string]>([
    ['a.json', '{"a": "\\u00e9\\n {{ .x }}"}', '{{ .x }}'],
    ['a.json', '// note\n{"a": "tab\\t{{ .x }}",}', '{{ .x }}'],
    ['a.yml', 'a: plain {{ .x }} text', '{{ .x }}'],
    ['a.yml', `a: 'it''s {{ .x }}'`, '{{ .x }}'],
    ['a.yml', 'a: "caf\\xe9 {{ .x }}"', '{{ .x }}'],
    ['a.yml', 'a: |\n  one\n  two {{ .x }}\n', '{{ .x }}'],
    ['a.yml', 'a: >-\n    one\n    two {{ .x }}\n', '{{ .x }}'],
    ['a.yml', 'b: &b "x {{ .x }}"\na: *b', '*b'],
  ])('%s: %j', async ([name, text, marked]) => {
    const source = await parseSource(text, name, 'The action')
    const { a } = source.value as { a: string }
    const span = { index: a.indexOf('{{'), length: 8 }
    const position = await source.positionOf({ path: ['a'], span })
    if (!position) throw new Error('It was not found')
    const line = text.split('\n')[position.line - 1] ?? ''
    expect(line.slice(position.column - 1, position.endColumn - 1)).toBe(marked)
  })

  it('is that of the template from which a pipeline merges it', async () => {
    const text =
      'spec:\n  inputs: {}\n---\n.t: &t\n  stage: x\njob:\n  <<: *t\n  script: !reference [.t, x]\n'
    const source = await parseSource(text, '.gitlab-ci.yml', 'The pipeline', 'ci')
    expect(source.value).toMatchObject([{}, { job: { stage: 'x', script: ['.t', 'x'] } }])
    expect(await source.positionOf({ path: ['job', 'stage'] })).toMatchObject({ line: 5 })
    expect(await source.positionOf({ path: ['spec', 'inputs'], isKey: true })).toMatchObject({
      line: 2,
    })
    expect(await source.positionOf({ path: ['nothing'] })).toBeUndefined()
  })
})

const action = (method: object) =>
  JSON.stringify({
    identifier: 'a',
    trigger: { type: 'self-service', operation: 'DAY-2' },
    invocationMethod: {
      type: 'GITHUB',
      org: 'acme',
      repo: 'services',
      workflow: 'w.yml',
      workflowInputs: { port_run_id: '{{ .run.id }}' },
      ...method,
    },
  })

const DISPATCHED = 'on: { workflow_dispatch: { inputs: { port_run_id: {} } } }\n'
const JOBS = 'jobs: { a: { steps: [{ run: make }] } }\n'

async function rulesOf(repo: string): Promise<string[]> {
  const { findings } = await lintFiles({ actions: [join(repo, 'action.json')], repo })
  return findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule)
}

describe('the file that an action starts', () => {
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd,
      stdio: 'pipe',
    })

  it('is read from the branch that the action names', async () => {
    const repo = await write('branch', {
      'action.json': action({ workflowInputs: { ref: 'release', port_run_id: '{{ .run.id }}' } }),
      '.github/workflows/w.yml': `on: push\n${JOBS}`,
    })
    git(repo, 'init', '-q', '-b', 'release')
    git(repo, 'add', '-A')
    git(repo, 'commit', '-qm', 'Start')
    git(repo, 'switch', '-qc', 'main')
    await writeFile(join(repo, '.github/workflows/w.yml'), DISPATCHED + JOBS)
    expect(await rulesOf(repo)).toEqual(['workflow-dispatch'])
    await writeFile(join(repo, 'action.json'), action({}))
    expect(await rulesOf(repo)).toEqual([])
  })

  it('is not looked for in another repository', async () => {
    const repo = await write('remote', {
      'action.json': action({ workflow: 'other.yml' }),
      '.github/workflows/w.yml': DISPATCHED + JOBS,
    })
    git(repo, 'init', '-q', '-b', 'main')
    git(repo, 'remote', 'add', 'origin', 'git@github.com:acme/shop.git')
    expect(await rulesOf(repo)).toEqual([])
    git(repo, 'remote', 'set-url', 'origin', 'https://github.com/acme/services')
    expect(await rulesOf(repo)).toEqual(['missing-file'])
  })

  it('calls workflows and actions of the same repository', async () => {
    const call = 'jobs: { a: { uses: ./.github/workflows/inner.yml } }\n'
    const repo = await write('called', {
      'action.json': action({ reportWorkflowStatus: false }),
      '.github/workflows/w.yml': DISPATCHED + call,
      '.github/workflows/inner.yml':
        'on: workflow_call\njobs: { b: { steps: [{ uses: ./act }] } }\n',
      'act/action.yml': 'runs: { using: composite, steps: [{ run: make }] }\n',
    })
    expect(await rulesOf(repo)).toEqual(['unreported'])
    await writeFile(
      join(repo, 'act/action.yml'),
      'runs: { using: composite, steps: [{ uses: port-dispatch/port-dispatch@v1 }] }\n',
    )
    expect(await rulesOf(repo)).toEqual([])
  })

  it('includes files of the same repository', async () => {
    const method = {
      type: 'GITLAB',
      groupName: 'acme',
      projectName: 'shop',
      pipelineVariables: { PORT_RUN_ID: '{{ .run.id }}' },
    }
    const repo = await write('included', {
      'action.json': JSON.stringify({
        identifier: 'a',
        trigger: { type: 'self-service', operation: 'DAY-2' },
        invocationMethod: method,
      }),
      '.gitlab-ci.yml':
        'include:\n  - local: /ci/jobs.yml\n  - component: gitlab.com/port-dispatch/port-dispatch/report@0.1.0\n',
      'ci/jobs.yml': 'build: { script: [make], only: [schedules] }\n',
    })
    expect(await rulesOf(repo)).toEqual(['pipeline-jobs'])
  })
})
