import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/run-command.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'port-dispatch-init-'))
})
afterAll(() => rm(folder, { recursive: true }))

const WORKFLOW = `name: Deploy
run-name: Deploy for \${{ inputs.port_run_id }}
on:
  workflow_dispatch:
    inputs:
      environment: { type: choice, options: [staging, production], required: true }
      port_run_id: { type: string }
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: ./actions/report
`

/** A composite action that reports to Port, which shows that calls are followed. */
const REPORT = `runs:
  using: composite
  steps:
    - uses: port-dispatch/port-dispatch@v1
`

const PIPELINE = `include:
  - local: /ci/report.yml
variables:
  ENVIRONMENT: { description: Where, value: staging, options: [staging, production] }
deploy:
  script: ./deploy.sh
`

/** A working copy of a repository. */
async function copyOf(
  name: string,
  remote: string,
  files: Record<string, string>,
): Promise<string> {
  const at = join(folder, name)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(at, file, '..'), { recursive: true })
    await writeFile(join(at, file), text)
  }
  execFileSync('git', ['init', '--quiet', at])
  if (remote !== '') execFileSync('git', ['-C', at, 'remote', 'add', 'origin', remote])
  return at
}

const services = (name: string, remote = 'git@github.com:acme/services.git') =>
  copyOf(name, remote, {
    '.github/workflows/deploy.yml': WORKFLOW,
    'actions/report/action.yml': REPORT,
  })

describe.concurrent('port-dispatch init', () => {
  it('makes an action from a workflow, and a workflow for it, and both lint clean', async () => {
    const cwd = await services('round')
    const made = await runCommand(['init', '--from', '.github/workflows/deploy.yml'], { cwd })
    expect(made.code).toBe(0)
    expect(made.stderr).toBe(
      'Save it as action.json, and check it with: port-dispatch lint action.json --workflow .github/workflows/deploy.yml\n',
    )
    expect(JSON.parse(made.stdout)).toMatchObject({
      identifier: 'deploy',
      invocationMethod: {
        type: 'GITHUB',
        org: 'acme',
        repo: 'services',
        reportWorkflowStatus: false,
      },
    })
    await writeFile(join(cwd, 'action.json'), made.stdout)
    const lint = ['lint', 'action.json', '--repo', '.', '--max-warnings', '0']
    expect(await runCommand(lint, { cwd })).toMatchObject({ code: 0, stdout: '' })

    const output = ['--output', '.github/workflows/deploy.yml']
    const again = await runCommand(['init', '--for', 'action.json', ...output, '--force'], { cwd })
    expect(again).toMatchObject({
      code: 0,
      stdout: '',
      stderr:
        'Wrote .github/workflows/deploy.yml. Check it with: port-dispatch lint action.json --workflow .github/workflows/deploy.yml\n',
    })
    expect(await readFile(join(cwd, '.github/workflows/deploy.yml'), 'utf8')).toContain(
      `run-name: Deploy (\${{ inputs.port_run_id }})`,
    )
    expect(await runCommand(lint, { cwd })).toMatchObject({ code: 0, stdout: '' })
  })

  it('makes an action from a pipeline, and a pipeline for it', async () => {
    const cwd = await copyOf('pipeline', 'https://git.example.com/acme/platform/provisioning.git', {
      '.gitlab-ci.yml': PIPELINE,
      'ci/report.yml':
        'include:\n  - component: git.example.com/port-dispatch/port-dispatch/report@0.1.0\n',
    })
    const { code, stdout, stderr } = await runCommand(
      ['init', '--from', '.gitlab-ci.yml', '--ref', 'main'],
      { cwd },
    )
    expect(stderr).toContain('check it with')
    expect(stderr).not.toContain('note:')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      invocationMethod: { type: 'GITLAB', groupName: 'acme/platform', projectName: 'provisioning' },
    })
    const made = await runCommand(['init', '--for', '-'], { cwd, input: stdout })
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Save it as .gitlab-ci.yml'),
    })
    expect(made.stdout).toContain('report@')
    expect(made.stdout).toContain('value: staging')
  })

  it('finds the server of a pipeline whose inputs a webhook sends', async () => {
    const cwd = await copyOf('inputs', 'git@git.example.com:acme/shop.git', {
      '.gitlab-ci.yml':
        'spec: { inputs: { size: { type: number } } }\n---\ndeploy: { script: ./deploy.sh }\n',
    })
    const { stdout, stderr } = await runCommand(['init', '--from', '.gitlab-ci.yml'], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({
      invocationMethod: {
        url: 'https://git.example.com/api/v4/projects/acme%2Fshop/trigger/pipeline',
      },
    })
    expect(stderr).toContain(
      'note: spec.inputs: actions of type GITLAB send variables, and no inputs',
    )
    // lint cannot compare a webhook with a pipeline.
    expect(stderr).toMatch(/check it with: port-dispatch lint action\.json\n$/)
    const made = await runCommand(['init', '--for', '-'], { cwd, input: stdout })
    expect(made.stderr).toMatch(/check it with: port-dispatch lint action\.json\n$/)
    expect(made.stdout).toMatch(/^spec:\n {2}inputs:\n {4}size:\n {6}type: number\n---\ninclude:/)
  })

  it('replaces no file unless it is told to', async () => {
    const cwd = await services('replace')
    const made = ['init', '--from', '.github/workflows/deploy.yml', '--output', 'action.json']
    expect(await runCommand(made, { cwd })).toMatchObject({ code: 0 })
    await writeFile(join(cwd, 'action.json'), 'mine')
    expect(await runCommand(made, { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'action.json: exists already. Choose another file, or replace it with --force',
      ),
    })
    expect(await readFile(join(cwd, 'action.json'), 'utf8')).toBe('mine')
    expect(await runCommand([...made, '--force'], { cwd })).toMatchObject({ code: 0 })
    const nowhere = ['init', '--from', '.github/workflows/deploy.yml', '--output', 'no/action.json']
    expect(await runCommand(nowhere, { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no/action.json: cannot be written (ENOENT)'),
    })
  })

  it.for<[string, string[], string]>([
    ['nothing', [], '--from, --for: are both missing'],
    ['both', ['--from', 'a', '--for', 'b'], 'cannot be used with'],
    ['a file that is not there', ['--from', 'no.yml'], 'no.yml: there is no such file'],
    ['text', ['--from', 'notes.txt'], 'it is neither a GitHub workflow nor a GitLab pipeline'],
    [
      'an action',
      ['--from', 'action.json'],
      'it is neither a GitHub workflow nor a GitLab pipeline',
    ],
    [
      'a workflow on pushes',
      ['--from', 'ci.yml', '--repo', 'a/b'],
      'on: the workflow runs on push, not on workflow_dispatch',
    ],
    [
      'a workflow without a repository',
      ['--from', 'ci.yml'],
      '--repo: is missing, and Git has no remote origin',
    ],
    [
      'a pipeline without a project',
      ['--from', 'pipe.yml'],
      '--project: is missing, and Git has no remote origin',
    ],
    [
      'a repository that is none',
      ['--from', 'go.yml', '--repo', 'acme'],
      'found "acme"; expected OWNER/NAME',
    ],
    [
      'an action that starts nothing yet',
      ['--for', 'form.json'],
      'invocationMethod: is missing, so that it is unknown what the action starts. Name the backend',
    ],
    ['a workflow in place of an action', ['--for', 'ci.yml'], 'found a GitHub workflow'],
    ['an action of Kafka', ['--for', 'action.json'], 'invocationMethod.type: KAFKA starts neither'],
    [
      'an action that is not in the file',
      ['--for', 'action.json#other'],
      'holds no action "other"',
    ],
  ])('refuses %s in one message', async ([name, args, said]) => {
    const cwd = await copyOf(`refusal of ${name}`, '', {
      'notes.txt': 'just text\n',
      'ci.yml': 'on: push\njobs: {}\n',
      'go.yml': 'on: workflow_dispatch\njobs: {}\n',
      'pipe.yml': PIPELINE,
      'form.json': JSON.stringify({ identifier: 'a', trigger: { type: 'self-service' } }),
      'action.json': JSON.stringify({ identifier: 'a', invocationMethod: { type: 'KAFKA' } }),
    })
    const { code, stdout, stderr } = await runCommand(['init', ...args], { cwd })
    expect(stderr).toContain(said)
    expect(stderr.match(/error: /g)).toHaveLength(1)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})
