import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { component } from './gitlab/component.ts'
import { packCommand } from './gitlab/packed-command.ts'
import { portRequests } from './gitlab/port-requests.ts'
import { hasTools } from './gitlab/required-tools.ts'
import { runPipeline } from './gitlab/run-pipeline.ts'

const PROJECT = 'acme/platform/provisioning'
const action = readFileSync('examples/provision-database/action.json', 'utf8')
const context = readFileSync('examples/provision-database/context.json', 'utf8')

/** A later job, that prints what it got. */
const later = `
later:
  stage: deploy
  script:
    - env | sed -n /DISPATCHED_/p
`

async function dispatches(...includes: Record<string, unknown>[]): Promise<string> {
  const { tarball } = await packCommand()
  return `include:\n${includes.map((inputs) => component('dispatch', tarball, inputs)).join('')}${later}`
}

describe
  .skipIf(!hasTools('git', 'rsync', 'gitlab-ci-local'))
  .concurrent('the dispatch component', () => {
    it('runs a GitLab pipeline from an action file, and hands on what became of it', async ({
      sandbox,
    }) => {
      const { code, jobs, output } = await runPipeline(sandbox, {
        config: await dispatches({ action: 'port/action.json', wait: true }),
        files: { 'port/action.json': action },
        variables: { port_payload: context },
      })
      const [pipeline] = sandbox.gitlabPipelines(PROJECT)
      expect(pipeline).toMatchObject({ status: 'success', variables: { NAME: 'orders' } })
      expect(sandbox.portRun('r_ProvisionDb00001')).toMatchObject({
        status: 'SUCCESS',
        link: pipeline?.url,
      })
      expect(jobs).toEqual({ 'port-dispatch': 'PASS', later: 'PASS' })
      for (const line of [
        `DISPATCHED_ID=${pipeline?.id}`,
        `DISPATCHED_URL=${pipeline?.url}`,
        'DISPATCHED_STATUS=SUCCESS',
        'DISPATCHED_CONCLUSION=success',
        'DISPATCHED_RUN_ID=r_ProvisionDb00001',
        `DISPATCHED_EXTERNAL_RUN_ID=gl_4471_${pipeline?.id}`,
      ]) {
        expect(output).toContain(line)
      }
      expect(code).toBe(0)
    })

    it('runs a GitHub workflow from inline JSON, with the $ of jq as it is', async ({
      sandbox,
    }) => {
      const { code } = await runPipeline(sandbox, {
        config: await dispatches({
          action: JSON.stringify({
            type: 'GITHUB',
            org: 'acme',
            repo: 'services',
            workflow: 'deploy.yml',
            workflowInputs: {
              service: "{{ .inputs.name as $HOME | $HOME + '-api' }}",
              environment: 'staging',
            },
          }),
          context: JSON.stringify({
            inputs: { name: "it's $HOME `id`" },
            run: { id: 'r_DeployService001' },
          }),
        }),
      })
      expect(code).toBe(0)
      expect(sandbox.githubRuns('acme/services')).toMatchObject([
        { inputs: { service: "it's $HOME `id`-api", environment: 'staging' } },
      ])
      expect(sandbox.portRun('r_DeployService001')).toMatchObject({ statusLabel: 'Running' })
    })

    it('runs an action of Port with the trigger call as context', async ({ sandbox }) => {
      const { code } = await runPipeline(sandbox, {
        config: await dispatches({ action: 'provision_database' }),
        files: { 'run_id.json': JSON.stringify({ ref: 'main', ...JSON.parse(context) }) },
        variables: { CI_PIPELINE_SOURCE: 'trigger', TRIGGER_PAYLOAD: 'run_id.json' },
      })
      expect(code).toBe(0)
      expect(sandbox.gitlabPipelines(PROJECT)).toMatchObject([{ variables: { NAME: 'orders' } }])
    })

    it('dispatches twice with two includes', async ({ sandbox }) => {
      const { code, output } = await runPipeline(sandbox, {
        config: await dispatches(
          { action: 'provision_database', 'no-report': true },
          {
            action: 'provision_database',
            'no-report': true,
            'job-prefix': 'more',
            'output-prefix': 'MORE_DISPATCHED_',
          },
        ),
        variables: { port_payload: context },
      })
      expect(code).toBe(0)
      expect(sandbox.gitlabPipelines(PROJECT)).toHaveLength(2)
      const ids = [...output.matchAll(/ (?:MORE_)?DISPATCHED_ID=(\d+)/g)].map(([, id]) => id)
      expect(new Set(ids).size).toBe(2)
      expect(portRequests(sandbox)).toEqual([])
    })

    it('fails with the run it follows, and says where', async ({ sandbox }) => {
      const { code, jobs, output } = await runPipeline(sandbox, {
        config: await dispatches({
          action: 'port/action.json',
          context: 'port/context.json',
          wait: true,
        }),
        files: {
          'port/action.json': action,
          'port/context.json': readFileSync(
            'examples/provision-database/context-failing.json',
            'utf8',
          ),
        },
      })
      expect(jobs).toMatchObject({ 'port-dispatch': 'FAIL' })
      expect(output).toMatch(/Failed:[\s\S]*apply \(script_failure\): http/)
      expect(code).not.toBe(0)
      expect(sandbox.portRun('r_ProvisionDb00002')).toMatchObject({
        statusLabel: 'Failed at "apply"',
      })
    })

    it('is not in pipelines without a payload', async ({ sandbox }) => {
      const { jobs } = await runPipeline(sandbox, {
        config: await dispatches({ action: 'provision_database' }),
      })
      expect(jobs).toEqual({ later: 'PASS' })
    })
  })
