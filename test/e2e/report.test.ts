import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { runCommand } from '../support/run-command.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

const RUN = 'r_DeployService001'

const githubJob = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/services',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_REPOSITORY_ID: '2',
  GITHUB_REPOSITORY_OWNER_ID: '1',
}

const gitlabJob = {
  GITLAB_CI: 'true',
  CI_PIPELINE_URL: 'https://gitlab.com/acme/platform/-/pipelines/5',
  CI_PROJECT_ID: '4',
  CI_PIPELINE_ID: '5',
}

async function withEvent<T>(event: unknown, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-'))
  try {
    const path = join(folder, 'event.json')
    await writeFile(path, JSON.stringify(event))
    return await work(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.concurrent('port-dispatch report', () => {
  it('start finds run id, link and external run id in GitHub Actions', async ({ sandbox }) => {
    const event = { inputs: { port_context: JSON.stringify({ runId: RUN }) } }
    const { code } = await withEvent(event, (path) =>
      runCommand(['report', 'start'], {
        env: { ...sandbox.environment, ...githubJob, GITHUB_EVENT_PATH: path },
      }),
    )
    expect(code).toBe(0)
    expect(sandbox.portRun(RUN)).toMatchObject({
      link: 'https://github.com/acme/services/actions/runs/42',
      externalRunId: 'gh_1_2_42',
      statusLabel: 'Running',
      status: 'IN_PROGRESS',
    })
  })

  it('start finds them in GitLab CI, in variables and in the file of the trigger', async ({
    sandbox,
  }) => {
    const env = { ...sandbox.environment, ...gitlabJob }
    const event = { variables: { port_payload: JSON.stringify({ context: { runId: RUN } }) } }
    const fromFile = await withEvent(event, (path) =>
      runCommand(['report', 'start'], { env: { ...env, TRIGGER_PAYLOAD: path } }),
    )
    const fromVariable = await runCommand(['report', 'start'], {
      env: { ...env, RUN_ID: 'r_DeployService002' },
    })
    expect([fromFile.code, fromVariable.code]).toEqual([0, 0])
    for (const run of [RUN, 'r_DeployService002']) {
      expect(sandbox.portRun(run)).toMatchObject({
        link: gitlabJob.CI_PIPELINE_URL,
        externalRunId: 'gl_4_5',
      })
    }
  })

  it('update changes what it is given, and adds to the log', async ({ sandbox }) => {
    const flags = [
      '--run-id',
      RUN,
      '--status-label',
      'Half way',
      '--summary',
      'So far',
      '--log',
      'Step 1',
    ]
    const links = ['--link', 'https://a.example', 'https://b.example']
    const { code } = await runCommand(['report', 'update', ...flags, ...links], {
      env: sandbox.environment,
    })
    expect(code).toBe(0)
    expect(sandbox.portRun(RUN)).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Half way',
      summary: 'So far',
      link: ['https://a.example', 'https://b.example'],
      logs: [{ message: 'Step 1' }],
    })
  })

  it.for([
    ['SUCCESS', 'SUCCESS', 'Success'],
    ['FAILURE', 'FAILURE', 'Failed'],
    ['cancelled', 'FAILURE', 'Cancelled'],
    ['skipped', 'SUCCESS', 'Skipped'],
  ] as const)('finish takes the status %s', async ([word, status, label], { sandbox }) => {
    const flags = ['--run-id', RUN, '--status', word]
    const { code } = await runCommand(['report', 'finish', ...flags], { env: sandbox.environment })
    expect(code).toBe(0)
    expect(sandbox.portRun(RUN)).toMatchObject({ status, statusLabel: label })
  })

  it('finish knows the status of the GitLab job', async ({ sandbox }) => {
    const env = { ...sandbox.environment, ...gitlabJob, CI_JOB_STATUS: 'failed', PORT_RUN_ID: RUN }
    await runCommand(['report', 'finish', '--log', 'Terraform failed'], { env })
    expect(sandbox.portRun(RUN)).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Failed',
      logs: [{ message: 'Terraform failed' }],
    })
  })

  it('leaves a run alone that has ended, with a note', async ({ sandbox }) => {
    const finish = (status: string) =>
      runCommand(['report', 'finish', '--run-id', RUN, '--status', status], {
        env: sandbox.environment,
      })
    await finish('FAILURE')
    const { code, stderr } = await finish('SUCCESS')
    expect(stderr).toContain(
      `Port run ${RUN} already ended with FAILURE (Failed) and was left unchanged`,
    )
    expect(code).toBe(0)
  })

  it('prints what Port did not get, and ends with exit code 4', async ({ sandbox }) => {
    await sandbox.close()
    const flags = [
      '--run-id',
      RUN,
      '--status',
      'SUCCESS',
      '--log',
      'Deployed 1.4.0',
      '--report-timeout',
      '1s',
    ]
    const { code, stderr } = await runCommand(['report', 'finish', ...flags], {
      env: sandbox.environment,
    })
    expect(stderr).toContain('the connection was refused (ECONNREFUSED)')
    expect(stderr).toContain('log: Deployed 1.4.0')
    expect(code).toBe(4)
  })

  it('says where it looked for the run id', async ({ sandbox }) => {
    const event = { inputs: { port_context: 'r_1', service: 'checkout' } }
    const { code, stderr } = await withEvent(event, (path) =>
      runCommand(['report', 'start'], {
        env: { ...sandbox.environment, ...githubJob, GITHUB_EVENT_PATH: path },
      }),
    )
    expect(stderr).toContain('--run-id: is missing, and PORT_RUN_ID is not set')
    expect(stderr).toContain('port_payload.context.runId')
    expect(stderr).toContain('port_context did not hold a JSON object')
    expect(code).toBe(2)
  })

  it('asks for a status it knows', async ({ sandbox }) => {
    const finish = ['report', 'finish', '--run-id', RUN]
    const { code, stderr } = await runCommand([...finish, '--status', 'DONE'], {
      env: sandbox.environment,
    })
    expect(stderr).toContain('--status: found "DONE"; expected SUCCESS or FAILURE')
    expect(code).toBe(2)
  })

  it('says once that it has updated the run', async ({ sandbox }) => {
    const change = ['--run-id', RUN, '--status-label', 'Plan ready', '--log', '3 to add']
    const { code, stderr } = await runCommand(['report', 'update', ...change], {
      env: sandbox.environment,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Updated Port run ${RUN}.\n` })
  })

  it('calls settings invalid that are there', async ({ sandbox }) => {
    const { code, stderr } = await runCommand(['report', 'update', '--run-id', RUN, '--log', 'x'], {
      env: { ...sandbox.environment, PORT_BASE_URL: 'api.port.io' },
    })
    expect(stderr).toContain('Invalid settings for Port:\n  PORT_BASE_URL: found "api.port.io"')
    expect(code).toBe(2)
  })

  it('asks for something to report', async ({ sandbox }) => {
    const { code, stderr } = await runCommand(['report', 'update', '--run-id', RUN], {
      env: sandbox.environment,
    })
    expect(stderr).toContain('Nothing to report')
    expect(code).toBe(2)
  })
})

describe.concurrent('port-dispatch report --output', () => {
  const OUTPUT = '{"url": "https://shop.example.com", "replicas": 3}'

  it('is what later nodes of the workflow read', async ({ sandbox }) => {
    const { identifier } = sandbox.createNodeRun()
    const { code, stderr } = await runCommand(
      ['report', 'finish', '--run-id', identifier, '--status', 'success', '--output', OUTPUT],
      { env: sandbox.environment },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Updated Port run ${identifier}.\n` })
    expect(sandbox.nodeRun(identifier)).toMatchObject({
      status: 'COMPLETED',
      result: 'SUCCESS',
      output: { url: 'https://shop.example.com', replicas: 3 },
    })
  })

  it('can come from a file, from standard input, or from a variable, before the end', async ({
    sandbox,
  }) => {
    const { identifier } = sandbox.createNodeRun()
    const flags = ['report', 'update', '--run-id', identifier]
    const env = sandbox.environment
    const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-'))
    await writeFile(join(folder, 'output.json'), '{"from": "file"}')
    await runCommand([...flags, '--output', 'output.json'], { env, cwd: folder })
    expect(sandbox.nodeRun(identifier)).toMatchObject({ output: { from: 'file' } })
    await runCommand([...flags, '--output', '-'], { env, input: '{"from": "input"}' })
    expect(sandbox.nodeRun(identifier)).toMatchObject({ output: { from: 'input' } })
    await runCommand(flags, { env: { ...env, PORT_DISPATCH_OUTPUT: '[1, "two"]' } })
    expect(sandbox.nodeRun(identifier)).toMatchObject({ status: 'IN_PROGRESS', output: [1, 'two'] })
    await rm(folder, { recursive: true })
  })

  it.for([
    ['{"url": }', 'error: The output is not valid JSON:\n  --output:1:9: found } where a value'],
    ['"https:', 'error: The output is not valid JSON:\n  --output:1:1: found a string without'],
    ['missing.json', 'error: The output cannot be read:\n  missing.json: there is no such file'],
  ] as const)('%s is refused before anything is sent', async ([output, message], { sandbox }) => {
    const { identifier } = sandbox.createNodeRun()
    const flags = ['report', 'finish', '--run-id', identifier, '--status', 'success']
    const { code, stderr } = await runCommand([...flags, '--output', output], {
      env: sandbox.environment,
    })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
    expect(sandbox.exchanges).toEqual([])
  })

  it('is not sent to the run of an action, which ends all the same', async ({ sandbox }) => {
    const flags = ['report', 'finish', '--run-id', RUN, '--status', 'success', '--output', OUTPUT]
    const { code, stderr } = await runCommand(flags, { env: sandbox.environment })
    expect(code).toBe(0)
    expect(stderr).toContain(
      `note: The output was not sent: ${RUN} is the run of an action, and only node runs of a workflow (wfnr_…) have an output.`,
    )
    expect(sandbox.portRun(RUN)).toMatchObject({ status: 'SUCCESS' })
  })

  it('is named where Port does not take it, and the run ends', async ({ sandbox }) => {
    const { identifier } = sandbox.createNodeRun()
    const flags = ['report', 'finish', '--run-id', identifier, '--status', 'success']
    const { code, stderr } = await runCommand([...flags, '--output', '-'], {
      env: sandbox.environment,
      input: JSON.stringify('x'.repeat(1_000_000)),
    })
    expect(code).toBe(4)
    expect(stderr).toContain('The output has 1000002 bytes of JSON, more than the 1000000')
    expect(sandbox.nodeRun(identifier)).toMatchObject({ status: 'COMPLETED', result: 'SUCCESS' })
  })
})
