import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '@port-dispatch/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCheckedSandbox } from '../contracts/checked-sandbox.ts'
import { runCommand } from '../support/run-command.ts'

let sandbox: Sandbox
let folder: string

beforeAll(async () => {
  sandbox = await startCheckedSandbox({ speed: 5 })
  folder = await mkdtemp(join(tmpdir(), 'port-dispatch-'))
})

afterAll(async () => {
  await sandbox.close()
  await rm(folder, { recursive: true })
})

const github = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }
const inputs = { service: 'checkout', environment: 'staging' }
const gitlab = { type: 'GITLAB', groupName: 'acme/platform', projectName: 'provisioning' }

interface Case {
  action: unknown
  context?: unknown
  env?: Record<string, string | undefined>
  flags?: string[]
}

let files = 0

async function file(content: unknown): Promise<string> {
  const path = join(folder, `${files++}.${typeof content === 'string' ? 'yaml' : 'json'}`)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function refused({ action, context, env, flags = [] }: Case) {
  const { id } = sandbox.createPortRun('deploy_service')
  const before = started()
  const result = await runCommand(
    [
      'dispatch',
      '--action',
      await file(action),
      '--context',
      await file(context ?? { inputs: { text: 'x'.repeat(70_000) }, run: { id } }),
      '--wait',
      ...flags,
    ],
    { env: { ...sandbox.environment, ...env } },
  )
  expect(started(), 'nothing is started').toBe(before)
  return { ...result, run: sandbox.portRun(id) }
}

function started(): number {
  return (
    sandbox.githubRuns('acme/services').length +
    sandbox.gitlabPipelines('acme/platform/provisioning').length
  )
}

describe.concurrent('wrong use ends with exit code 2 and one clear message', () => {
  it.each<[string, Case, string]>([
    ['JSON that is cut', { action: '{"type": "GITHUB",' }, ':1:'],
    ['broken YAML', { action: 'type: GITHUB\n  org: "acme' }, ':2:'],
    [
      'a type that is not dispatched',
      { action: { type: 'JENKINS', url: 'https://jenkins.example' } },
      'type: found "JENKINS". Jobs of Jenkins cannot be dispatched',
    ],
    ['a missing field', { action: { ...github, workflow: undefined } }, 'workflow: is missing'],
    [
      'a template that does not close',
      { action: { ...github, workflowInputs: { a: '{{ .x' } } },
      'workflowInputs.a',
    ],
    [
      'a key that is not a string',
      { action: { ...github, workflowInputs: { '{{ 1 }}': 'x' } } },
      'workflowInputs',
    ],
    [
      'a spread of a string',
      { action: { ...github, workflowInputs: { '{{ spreadValue() }}': 'x' } } },
      'workflowInputs',
    ],
    [
      'a field that renders to null',
      { action: { ...github, repo: '{{ .inputs.nope }}' } },
      'repo: found null; expected the name of a repository',
    ],
    [
      'too many inputs',
      {
        action: {
          ...github,
          workflowInputs: Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`i${i}`, 'x'])),
        },
      },
      'workflowInputs: has 26 inputs; GitHub accepts at most 25',
    ],
    [
      'inputs that are too large',
      { action: { ...github, workflowInputs: { a: '{{ .inputs.text }}' } } },
      'The largest is a with 70000',
    ],
    [
      'a ref that is no name',
      { action: { ...github, workflowInputs: { ref: ['main'] } } },
      'workflowInputs.ref: found ["main"]',
    ],
    [
      'a bad variable key',
      { action: { ...gitlab, pipelineVariables: { 'MY-KEY': 'x' } } },
      'Use letters, digits and _ only, for example MY_KEY',
    ],
    ['a context that is a list', { action: github, context: [] }, 'expected an object'],
    [
      'a context without a run',
      { action: github, context: { inputs: {} } },
      'run.id: is missing in the context. Give --run-id',
    ],
    ['an unknown backend', { action: { type: 'KAFKA', payload: {} } }, 'KAFKA_BROKERS: is missing'],
    [
      'no GitHub token',
      { action: github, env: { GITHUB_TOKEN: undefined } },
      'GITHUB_TOKEN: is missing',
    ],
    [
      'no GitLab token',
      { action: gitlab, env: { GITLAB_TOKEN: undefined, GITLAB_TRIGGER_TOKEN: undefined } },
      'GITLAB_TRIGGER_TOKEN: is missing',
    ],
    [
      'waiting with a trigger token alone',
      { action: gitlab, env: { GITLAB_TOKEN: undefined } },
      'a trigger token cannot read',
    ],
    [
      'no Port credentials',
      { action: github, env: { PORT_CLIENT_SECRET: undefined } },
      'PORT_CLIENT_SECRET: is missing',
    ],
    [
      'an address that is none',
      { action: github, env: { PORT_BASE_URL: 'api.port.io' } },
      'PORT_BASE_URL: found "api.port.io"',
    ],
    [
      'a GitHub address that is none',
      { action: github, env: { GITHUB_API_URL: 'foo' } },
      'GITHUB_API_URL: found "foo"; expected an address like https://HOST/api/v3',
    ],
    [
      'a GitLab address with a password',
      { action: gitlab, env: { GITLAB_URL: 'https://me:secret@gitlab.example.com' } },
      'GITLAB_URL: found an address with a user name or password in it',
    ],
    [
      'an address of Port without encryption',
      { action: github, env: { PORT_BASE_URL: 'http://port.example.com' } },
      'to which the client secret would be sent unencrypted',
    ],
    [
      'a template without quotes',
      { action: 'type: GITHUB\norg: {{ .inputs.org }}' },
      'Put quotes around a template',
    ],
    [
      'outputs that cannot be written',
      { action: github, flags: ['--dotenv', '/no/such/folder/out.env'] },
      '/no/such/folder/out.env: ENOENT',
    ],
    [
      'a time span that is none',
      { action: github, flags: ['--timeout', 'soon'] },
      'Expected a time span like 90s',
    ],
    ['an unknown flag', { action: github, flags: ['--wiat'] }, '--wait'],
    [
      'a switch that says neither',
      { action: github, env: { PORT_DISPATCH_STRICT: 'perhaps' } },
      'PORT_DISPATCH_STRICT: found "perhaps"; expected true or false',
    ],
  ])('%s', async (_name, wrong, message) => {
    const { code, stdout, stderr, run } = await refused(wrong)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    // A person mends it and tries again; in CI nobody would.
    expect(run?.status ?? 'IN_PROGRESS').toBe('IN_PROGRESS')
  })

  it('ends the run in Port where nobody is there to mend it', async () => {
    const { code, stderr, run } = await refused({
      action: { type: 'JENKINS' },
      env: {
        GITLAB_CI: 'true',
        CI_PIPELINE_URL: 'https://x.example/1',
        CI_PROJECT_ID: '1',
        CI_PIPELINE_ID: '2',
      },
    })
    expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'Not started' })
    expect(stderr).toContain('ended: FAILURE, Not started')
    expect(code).toBe(2)
  })

  it('a file that does not exist', async () => {
    const args = ['render', '--action', 'no/such.json', '--context', '-']
    const { code, stderr } = await runCommand(args, { input: '{}' })
    expect(stderr).toContain('no/such.json: there is no such file')
    expect(code).toBe(2)
  })
})

describe.concurrent('a refusal of the backend ends with exit code 3, and the run in Port as a failure', () => {
  it.each<[string, Case, string]>([
    [
      'a wrong token',
      {
        action: { ...github, workflowInputs: inputs },
        env: { GITHUB_TOKEN: 'wrong-github-token' },
      },
      'Check GITHUB_TOKEN: it is not valid, or it has expired',
    ],
    [
      'a token that may only read',
      {
        action: { ...github, workflowInputs: { ...inputs, ref: 'main' } },
        env: { GITHUB_TOKEN: 'sandbox-github-read-only-token-b20c55' },
      },
      'needs write access to Actions of acme/services',
    ],
    [
      'an unknown repository',
      { action: { ...github, repo: 'nope' } },
      'Check that acme/nope exists',
    ],
    [
      'an unknown workflow',
      { action: { ...github, workflow: 'nope.yml' } },
      'has the workflow nope.yml',
    ],
    [
      'an unknown ref',
      { action: { ...github, workflowInputs: { ...inputs, ref: 'nope' } } },
      'has a branch or tag nope',
    ],
    [
      'an undeclared input',
      { action: { ...github, workflowInputs: { ...inputs, colour: 'red' } } },
      'Declare them under "on.workflow_dispatch.inputs" of deploy.yml',
    ],
    [
      'a missing input',
      { action: { ...github, workflowInputs: { service: 'checkout' } } },
      'Add it to "workflowInputs"',
    ],
    [
      'a workflow without the trigger',
      { action: { ...github, workflow: 'ci.yml' } },
      'Add "workflow_dispatch" to the "on:" of ci.yml',
    ],
    [
      'an unknown project',
      { action: { ...gitlab, projectName: 'nope' } },
      'Check that acme/platform/nope exists',
    ],
    [
      'an unknown GitLab ref',
      { action: { ...gitlab, defaultRef: 'nope' } },
      'Check that the branch or tag exists',
    ],
    [
      'a personal token as trigger token',
      { action: gitlab, env: { GITLAB_TRIGGER_TOKEN: 'sandbox-gitlab-token-8d14e6' } },
      'a personal, group or project access token belongs in GITLAB_TOKEN',
    ],
    [
      'an access token that may only read',
      {
        action: gitlab,
        env: {
          GITLAB_TRIGGER_TOKEN: undefined,
          GITLAB_TOKEN: 'sandbox-gitlab-read-only-token-57ac02',
        },
      },
      'needs the scope "api"',
    ],
  ])('%s', async (_name, wrong, message) => {
    const { code, stdout, stderr, run } = await refused(wrong)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'Not started' })
  })
})

describe.concurrent('a refusal of Port ends with exit code 3 before anything is started', () => {
  it('a wrong secret', async () => {
    const { code, stderr } = await refused({
      action: { ...github, workflowInputs: inputs },
      env: { PORT_CLIENT_SECRET: 'wrong-port-secret' },
    })
    expect(stderr).toContain('Check PORT_CLIENT_ID and PORT_CLIENT_SECRET')
    expect(code).toBe(3)
  })

  it('a run that does not exist', async () => {
    const { code, stderr } = await refused({
      action: { ...github, workflowInputs: inputs },
      context: { inputs: {}, run: { id: 'r_none' } },
    })
    expect(stderr).toContain('r_none')
    expect(code).toBe(3)
  })

  it('a run that has ended', async () => {
    const { id } = sandbox.createPortRun('deploy_service')
    const finish = ['report', 'finish', '--run-id', id, '--status', 'SUCCESS']
    expect((await runCommand(finish, { env: sandbox.environment })).code).toBe(0)
    const { code, stderr } = await refused({
      action: { ...github, workflowInputs: inputs },
      context: { inputs: {}, run: { id } },
    })
    expect(stderr).toContain(
      `Port run ${id} already ended with SUCCESS, so acme/services/deploy.yml was not started`,
    )
    expect(code).toBe(3)
  })
})
