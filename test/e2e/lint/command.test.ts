import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RULES } from '@port-dispatch/core/lint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND, COMPILE_CACHE } from '../../support/run-command.ts'
import { runProcess } from '../../support/run-process.ts'
import { sarifProblems } from './sarif-problems.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'port-dispatch-lint-command-'))
})
afterAll(() => rm(folder, { recursive: true }))

const WRONG = `identifier: resize
trigger:
  type: self-service
  operation: DAY-2
  userInputs:
    properties:
      size: { type: number }
invocationMethod:
  type: KAFKA
  payload:
    size: "{{ .inputs.sise }}"
    name: >-
      The entity
      {{ .entity.name }}
`

async function files(name: string, texts: Record<string, string>): Promise<string> {
  const at = join(folder, name)
  for (const [file, text] of Object.entries(texts)) {
    await mkdir(join(at, file, '..'), { recursive: true })
    await writeFile(join(at, file), text)
  }
  return at
}

async function lint(cwd: string, ...args: string[]) {
  const command = [...COMMAND, 'lint', ...args]
  return await runProcess(process.execPath, command, {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE },
  })
}

describe.concurrent('port-dispatch lint', () => {
  it('shows the place, the rule and what to do', async () => {
    const cwd = await files('text', { 'action.yml': WRONG })
    const { code, stdout, stderr } = await lint(cwd, 'action.yml')
    expect(code).toBe(1)
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'action.yml:11:15 error unknown-path',
      '  .inputs.sise is always null: the action has no user input "sise"',
      '  11 |     size: "{{ .inputs.sise }}"',
      '     |               ^^^^^^^^^^^^',
      '    = Did you mean .inputs.size?',
    ])
    expect(stdout).toContain('action.yml:14:10 warning unknown-path')
    expect(stderr).toBe('Found 1 error, 1 warning in 1 action.\n')
  })

  it.for<[string[], string]>([
    [['--workflow', 'nope.yml'], 'nope.yml: there is no such file'],
    [
      ['--workflow', 'other.yml'],
      'other.yml: no action here starts a workflow of this name; expected deploy.yml',
    ],
    [['--workflow', 'nowhere/deploy.yml'], 'there is no such file'],
    [['--pipeline', 'other.yml'], 'no action here starts a pipeline'],
    [['--repo', 'nowhere'], 'nowhere: there is no such folder'],
  ])(
    'compares an action with what it was given, or says that it did not: %j',
    async ([args, said]) => {
      const action = { type: 'GITHUB', org: 'acme', repo: 'x', workflow: 'deploy.yml' }
      const cwd = await files('unused', {
        'action.json': JSON.stringify({ identifier: 'a', invocationMethod: action }),
        'other.yml': 'on: workflow_dispatch\njobs: {}\n',
      })
      const { code, stderr } = await lint(cwd, 'action.json', ...args)
      expect(stderr).toContain(said)
      expect(code).toBe(2)
    },
  )

  it.for<[number, string[], string]>([
    [0, ['right.yml'], ''],
    [1, ['wrong.yml'], ''],
    [0, ['warned.yml'], ''],
    [0, ['warned.yml', '--max-warnings', '1'], ''],
    [0, ['warned.yml', '--max-warnings', ''], ''],
    [1, ['warned.yml', '--max-warnings', '0'], 'more warnings'],
    [2, ['missing.yml'], 'no such file'],
    [2, ['broken.json'], 'not valid JSON'],
    [2, ['empty'], 'holds no action'],
    [2, ['right.yml', '--max-warnings', 'few'], 'Expected a number'],
    [2, ['right.yml', '--repo', '.', '--workflow', 'x.yml'], 'cannot be used with'],
    [2, ['-', '-'], 'can only be read once'],
  ])('exits with %i for %j', async ([expected, args, message]) => {
    const cwd = await files(`exit-${args.join('-')}`, {
      'wrong.yml': WRONG,
      'right.yml': WRONG.replace('sise', 'size').replace('.name', '.title'),
      'warned.yml': WRONG.replace('sise', 'size'),
      'broken.json': '{"identifier": ',
      'empty/context.json': '{"inputs": {}}',
    })
    const { code, stderr } = await lint(cwd, ...args)
    expect({ code, stderr }).toEqual({ code: expected, stderr: expect.stringContaining(message) })
  })

  it('lints one action of a file with several, and the actions of a folder', async () => {
    const right = {
      identifier: 'b',
      trigger: { type: 'automation', event: {} },
      invocationMethod: { type: 'KAFKA' },
    }
    const wrong = {
      ...right,
      identifier: 'a',
      invocationMethod: { type: 'KAFKA', payload: { x: '{{ .input }}' } },
    }
    const cwd = await files('several', {
      'all/actions.json': JSON.stringify([right, wrong]),
      'all/context.json': '{"inputs": {}}',
      'all/package.json': '{"name": "x"}',
    })
    expect(await lint(cwd, 'all/actions.json#b')).toMatchObject({ code: 0 })
    expect(await lint(cwd, 'all/actions.json#a')).toMatchObject({ code: 1 })
    const { stderr } = await lint(cwd, 'all')
    expect(stderr).toContain('in 2 actions')
  })

  it('is silent where a comment or the configuration says so', async () => {
    const suppressed = WRONG.replace(
      '    size: "{{',
      '    # port-dispatch-ignore unknown-path -- set by the API\n    size: "{{',
    ).replace('.entity.name', '.entity.title')
    const cwd = await files('comments', {
      'action.yml': suppressed,
      'other.yml': WRONG.replace('.entity.name', '.entity.title'),
      'port-dispatch.yml':
        'lint:\n  ignore:\n    - { rule: unknown-path, file: other.yml }\nroutes: []\n',
    })
    expect(await lint(cwd, 'action.yml')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('1 suppressed'),
    })
    expect(await lint(cwd, 'other.yml')).toMatchObject({ code: 0 })
  })

  it('refuses a configuration with a rule that does not exist', async () => {
    const cwd = await files('config', {
      'action.yml': WRONG,
      'port-dispatch.yml': 'lint: { rules: { unknown-paths: off } }',
    })
    expect(await lint(cwd, 'action.yml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean unknown-path?'),
    })
  })

  it('prints JSON for programs', async () => {
    const cwd = await files('json', { 'action.yml': WRONG })
    const { stdout } = await lint(cwd, 'action.yml', '--format', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      findings: [
        {
          rule: 'unknown-path',
          severity: 'error',
          file: 'action.yml',
          action: 'resize',
          path: '/invocationMethod/payload/size',
          line: 11,
          column: 15,
          endColumn: 27,
        },
        { path: '/invocationMethod/payload/name', line: 14 },
      ],
      summary: { actions: 1, errors: 1, warnings: 1, infos: 0, suppressed: 0 },
    })
  })

  it('prints SARIF that is valid', async () => {
    const cwd = await files('sarif', { 'my actions/é.yml': WRONG })
    const { stdout } = await lint(cwd, 'my actions', '--format', 'sarif')
    const log = JSON.parse(stdout)
    expect(sarifProblems(log)).toEqual([])
    expect(log.runs[0].results).toHaveLength(2)
    expect(log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(
      'my%20actions/%C3%A9.yml',
    )
  })

  it('prints annotations for GitHub, and nothing that the runner would obey beside them', async () => {
    const cwd = await files('github', { 'action.yml': WRONG.replace('sise', 'x,y') })
    const { stdout } = await lint(cwd, 'action.yml', '--format', 'github')
    for (const line of stdout.trim().split('\n')) {
      expect(line).toMatch(/^::(?:error|warning|notice) file=action\.yml,line=\d+,endLine=\d+,/)
    }
  })
})

it('explains every rule on its page', async () => {
  const { readFile } = await import('node:fs/promises')
  const page = await readFile('docs/lint-rules.md', 'utf8')
  const sections = [...page.matchAll(/^## (.+)\n\n\*(.+)\*$/gm)].map(([, id, severity]) => [
    id,
    severity,
  ])
  expect(sections).toEqual(RULES.map(({ id, severity }) => [id, severity]))
})
