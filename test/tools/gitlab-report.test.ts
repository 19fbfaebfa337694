import { describe, expect } from 'vitest'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { component } from './gitlab/component.ts'
import { packCommand } from './gitlab/packed-command.ts'
import { portRequests } from './gitlab/port-requests.ts'
import { hasTools } from './gitlab/required-tools.ts'
import { runPipeline } from './gitlab/run-pipeline.ts'

const RUN = 'r_DeployService001'
const RUN_PATH = `/v1/actions/runs/${RUN}`
const LINK = expect.stringMatching(
  /^https:\/\/gitlab\.com\/acme\/platform\/shop\/(-\/)?pipelines\/\d+$/,
)

async function withReport(jobs: string, inputs: Record<string, unknown> = {}): Promise<string> {
  const { tarball } = await packCommand()
  return `include:\n${component('report', tarball, inputs)}${jobs}`
}

const deploy = `
deploy:
  script: [echo deployed]
`

const OUTPUT = { output: 'output.json', 'output-jobs': ['deploy'] }

const deployWithOutput = `
deploy:
  script:
    - echo '{"url":"https://shop.example.com"}' > output.json
  artifacts: { paths: [output.json] }
`

const failing = `
plan:
  stage: build
  script: [echo planned]
deploy:
  stage: deploy
  script: [exit 3]
`

describe
  .skipIf(!hasTools('git', 'rsync', 'gitlab-ci-local'))
  .concurrent('a pipeline that Port started', () => {
    it('gets its link, its external run id and its end with one include', async ({ sandbox }) => {
      const { code, jobs } = await runPipeline(sandbox, {
        config: await withReport(deploy),
        variables: { PORT_RUN_ID: RUN },
      })
      expect(jobs).toEqual({
        'port-report-start': 'PASS',
        deploy: 'PASS',
        'port-report-success': 'PASS',
      })
      expect(code).toBe(0)
      expect(portRequests(sandbox)).toEqual([
        {
          call: `PATCH ${RUN_PATH}`,
          body: { statusLabel: 'Running' },
        },
        {
          call: `PATCH ${RUN_PATH}`,
          body: { link: LINK, externalRunId: expect.stringMatching(/^gl_\d+_\d+$/) },
        },
        {
          call: `POST ${RUN_PATH}/logs`,
          body: {
            message: expect.stringMatching(/^Ended: Success\. https:/),
            terminationStatus: 'SUCCESS',
            statusLabel: 'Success',
          },
        },
      ])
    })

    it('is reported as a failure when a job fails', async ({ sandbox }) => {
      const { code, jobs } = await runPipeline(sandbox, {
        config: await withReport(failing),
        variables: { PORT_RUN_ID: RUN, GITLAB_TOKEN: undefined },
      })
      expect(jobs).toMatchObject({ deploy: 'FAIL', 'port-report-failure': 'PASS' })
      expect(jobs).not.toHaveProperty('port-report-success')
      expect(code).not.toBe(0)
      expect(sandbox.portRun(RUN)).toMatchObject({ status: 'FAILURE', statusLabel: 'Failed' })
    })

    it('names the failed jobs with a token that can read', async ({ sandbox }) => {
      const url = `${sandbox.url}/api/v4/projects/4471`
      const headers = { 'private-token': sandbox.environment.GITLAB_TOKEN ?? '' }
      const started = await fetch(`${url}/pipeline?ref=main`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ ref: 'main', variables: [{ key: 'ENVIRONMENT', value: 'broken' }] }),
      })
      const { id } = (await started.json()) as { id: number }
      const isFailed = () =>
        sandbox.gitlabPipelines('acme/platform/provisioning')[0]?.status === 'failed'
      await expect.poll(isFailed, { timeout: 10_000 }).toBe(true)

      const { output } = await runPipeline(sandbox, {
        config: await withReport(failing),
        variables: {
          PORT_RUN_ID: RUN,
          CI_API_V4_URL: `${sandbox.url}/api/v4`,
          CI_PROJECT_ID: '4471',
          CI_PIPELINE_ID: String(id),
        },
      })
      expect(output).not.toContain('warning:')
      expect(sandbox.portRun(RUN)).toMatchObject({
        status: 'FAILURE',
        statusLabel: 'Failed at "apply"',
        externalRunId: `gl_4471_${id}`,
        logs: [
          {
            message: expect.stringMatching(
              /ended: failed.*\nFailed:\n {2}apply \(script_failure\): http/,
            ),
          },
        ],
      })
    })

    it('reports all the same when the token cannot read', async ({ sandbox }) => {
      const { output } = await runPipeline(sandbox, {
        config: await withReport(failing),
        variables: { PORT_RUN_ID: RUN, CI_API_V4_URL: `${sandbox.url}/api/v4` },
      })
      expect(output).toContain('and that GITLAB_TOKEN can read it')
      expect(sandbox.portRun(RUN)).toMatchObject({ status: 'FAILURE', statusLabel: 'Failed' })
    })

    it('can be reported on by two includes', async ({ sandbox }) => {
      const { tarball } = await packCommand()
      const includes = ['port', 'port-too'].map((prefix) =>
        component('report', tarball, { 'job-prefix': prefix }),
      )
      const { code, jobs } = await runPipeline(sandbox, {
        config: `include:\n${includes.join('')}${deploy}`,
        variables: { PORT_RUN_ID: RUN },
      })
      expect(Object.keys(jobs).sort()).toEqual([
        'deploy',
        'port-report-start',
        'port-report-success',
        'port-too-report-start',
        'port-too-report-success',
      ])
      expect(code).toBe(0)
      expect(sandbox.portRun(RUN)).toMatchObject({ status: 'SUCCESS' })
    })

    it('gives the output that a job made to later nodes of the Port workflow', async ({
      sandbox,
    }) => {
      const { identifier } = sandbox.createNodeRun()
      const { code, jobs } = await runPipeline(sandbox, {
        config: await withReport(deployWithOutput, OUTPUT),
        variables: { port_context: JSON.stringify({ workflowNodeRun: { identifier } }) },
      })
      expect({ code, jobs }).toMatchObject({ code: 0, jobs: { 'port-report-success': 'PASS' } })
      expect(sandbox.nodeRun(identifier)).toMatchObject({
        status: 'COMPLETED',
        result: 'SUCCESS',
        output: { url: 'https://shop.example.com' },
      })
    })

    it.for([
      [deploy, 'port-report-success', 'SUCCESS'],
      [failing, 'port-report-failure', 'FAILED'],
    ] as const)(
      'ends the node run although no job made its output: %#',
      async ([config, job, result], { sandbox }) => {
        const { identifier } = sandbox.createNodeRun()
        const { jobs, output } = await runPipeline(sandbox, {
          config: await withReport(config, OUTPUT),
          variables: { PORT_RUN_ID: identifier },
        })
        expect(jobs).toMatchObject({ [job]: 'WARN' })
        expect(output).toContain('output.json: there is no such file')
        expect(sandbox.nodeRun(identifier)).toMatchObject({ status: 'COMPLETED', result })
      },
    )
  })
