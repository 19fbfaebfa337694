import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { runCommand } from '../support/run-command.ts'
import { sandboxTest } from '../support/sandbox-test.ts'

const PROJECT = 'acme/platform/provisioning'
const RUN = 'r_ProvisionDb00001'
const context = JSON.parse(await readFile('examples/provision-database/context.json', 'utf8'))

const it = sandboxTest.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-job-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

const job = {
  GITLAB_CI: 'true',
  CI_PIPELINE_URL: 'https://gitlab.com/acme/shop/-/pipelines/5',
  CI_PROJECT_ID: '4',
  CI_PIPELINE_ID: '5',
  CI_COMMIT_REF_NAME: 'feature',
}

const dispatch = ['dispatch', '--action', 'provision_database']

describe.concurrent('in a GitLab job, report', () => {
  it('does nothing if no Port run started it and --if-port-run is given', async ({ sandbox }) => {
    const env = { ...job, RUN_ID: '17240000001' }
    const { code, stderr } = await runCommand(['report', 'start', '--if-port-run'], { env })
    expect(stderr).toContain('No Port run started this job')
    expect(code).toBe(0)
    expect(sandbox.exchanges).toEqual([])
  })

  it.for([
    [{ context: { runId: RUN } }],
    [{ run: { id: RUN } }],
    [{ variables: { PORT_CONTEXT: JSON.stringify({ run_id: RUN }) } }],
  ])('finds the run id in the trigger call %j', async ([payload], { sandbox, folder }) => {
    const TRIGGER_PAYLOAD = join(folder, 'payload.json')
    await writeFile(TRIGGER_PAYLOAD, JSON.stringify({ ref: 'main', ...payload }))
    const env = { ...sandbox.environment, ...job, TRIGGER_PAYLOAD }
    const { code } = await runCommand(['report', 'start', '--if-port-run'], { env })
    expect(code).toBe(0)
    expect(sandbox.portRun(RUN)).toMatchObject({ externalRunId: 'gl_4_5' })
  })

  it('says that a missing variable may be protected', async ({ sandbox }) => {
    const env = { ...sandbox.environment, ...job, PORT_RUN_ID: RUN, PORT_CLIENT_ID: undefined }
    const { code, stderr } = await runCommand(['report', 'start'], { env })
    expect(stderr).toContain('Set PORT_CLIENT_ID under Settings > CI/CD > Variables')
    expect(stderr).toContain(
      'only to protected branches and tags, and the ref "feature" is not protected',
    )
    expect(code).toBe(2)
    const onProtected = await runCommand(['report', 'start'], {
      env: { ...env, CI_COMMIT_REF_PROTECTED: 'true' },
    })
    expect(onProtected.stderr).not.toContain('protected')
  })

  it('finish names the jobs that failed', async ({ sandbox }) => {
    const api = `${sandbox.url}/api/v4`
    const answer = await fetch(`${api}/projects/4471/pipeline`, {
      method: 'POST',
      headers: {
        'private-token': sandbox.environment.GITLAB_TOKEN ?? '',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ref: 'main', variables: [{ key: 'ENVIRONMENT', value: 'broken' }] }),
    })
    const { id } = (await answer.json()) as { id: number }
    await expect.poll(() => sandbox.gitlabPipelines(PROJECT)[0]?.status).toBe('failed')
    const env = {
      ...sandbox.environment,
      ...job,
      PORT_RUN_ID: RUN,
      CI_API_V4_URL: api,
      CI_PROJECT_ID: '4471',
      CI_PIPELINE_ID: String(id),
    }
    await runCommand(['report', 'finish', '--status', 'failed'], { env })
    expect(sandbox.portRun(RUN)).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Failed at "apply"',
      logs: [
        { message: expect.stringMatching(/\nFailed:\n {2}apply \(script_failure\): http\S+$/) },
      ],
    })
  })
})

describe.concurrent('in a GitLab job, dispatch', () => {
  it.for([
    ['trigger data in port_payload', { port_payload: JSON.stringify(context) }, undefined],
    ['trigger data as the trigger call', {}, context],
    [
      'the trigger call rather than a variable in which GitLab replaced something',
      { port_payload: JSON.stringify({ inputs: { name: '' } }) },
      { variables: { port_payload: JSON.stringify(context) } },
    ],
    [
      'a run message as the trigger call',
      {},
      {
        resourceType: 'run',
        context: { runId: RUN },
        payload: { properties: context.inputs, entity: null },
      },
    ],
    [
      'variables of the trigger call',
      {},
      { variables: { ...context.inputs, port_context: JSON.stringify({ runId: RUN }) } },
    ],
  ] as const)('takes its context from %s', async ([, variables, payload], { sandbox, folder }) => {
    const TRIGGER_PAYLOAD = join(folder, 'payload.json')
    if (payload) await writeFile(TRIGGER_PAYLOAD, JSON.stringify({ ref: 'main', ...payload }))
    const env = {
      ...sandbox.environment,
      ...job,
      ...variables,
      ...(payload && { TRIGGER_PAYLOAD }),
    }
    const { code, stderr } = await runCommand(dispatch, { env })
    expect(code, stderr).toBe(0)
    expect(sandbox.gitlabPipelines(PROJECT)).toMatchObject([{ variables: { NAME: 'orders' } }])
    expect(sandbox.portRun(RUN)).toMatchObject({ statusLabel: 'Running' })
  })

  it('asks for a context if Port sent none', async ({ sandbox }) => {
    const { code, stderr } = await runCommand(dispatch, { env: { ...sandbox.environment, ...job } })
    expect(stderr).toContain('--context: is missing, and GitLab CI was not started by Port')
    expect(code).toBe(2)
  })

  it('writes what it started for later jobs, without secrets', async ({ sandbox, folder }) => {
    const file = join(folder, 'outputs.env')
    const env = { ...sandbox.environment, ...job, port_payload: JSON.stringify(context) }
    const flags = ['--wait', '--dotenv', file, '--dotenv-prefix', 'DB_']
    await runCommand([...dispatch, ...flags], { env })
    const [pipeline] = sandbox.gitlabPipelines(PROJECT)
    expect((await readFile(file, 'utf8')).split('\n')).toEqual([
      'DB_BACKEND=GITLAB',
      `DB_TARGET=${PROJECT}`,
      'DB_REF=main',
      `DB_ID=${pipeline?.id}`,
      `DB_EXTERNAL_RUN_ID=gl_4471_${pipeline?.id}`,
      `DB_URL=${pipeline?.url}`,
      'DB_STATUS=SUCCESS',
      'DB_CONCLUSION=success',
      `DB_RUN_ID=${RUN}`,
      '',
    ])
  })
})
