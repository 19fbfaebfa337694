import { describe, expect } from 'vitest'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { component } from './gitlab/component.ts'
import { packCommand } from './gitlab/packed-command.ts'
import { hasTools } from './gitlab/required-tools.ts'
import { runPipeline } from './gitlab/run-pipeline.ts'

const RUN = 'r_DeployService001'
const JSON_RUN_ID = JSON.stringify({ runId: RUN })

async function config(): Promise<string> {
  const { tarball } = await packCommand()
  return `include:\n${component('report', tarball)}\ndeploy:\n  script: [echo deployed]\n`
}

/** Rules of GitLab see the content of a file variable, those of gitlab-ci-local its path, so the path names a run id. */
function triggered(body: unknown) {
  return {
    files: { 'run_id.json': JSON.stringify(body) },
    variables: { CI_PIPELINE_SOURCE: 'trigger', TRIGGER_PAYLOAD: 'run_id.json' },
  }
}

const PLACES: [string, { files?: Record<string, string>; variables: Record<string, string> }][] = [
  ['PORT_RUN_ID', { variables: { PORT_RUN_ID: RUN } }],
  ['port_run_id', { variables: { port_run_id: RUN } }],
  ['runId', { variables: { runId: RUN } }],
  ['RUN_ID', { variables: { RUN_ID: RUN } }],
  ['port_context', { variables: { port_context: JSON_RUN_ID } }],
  ['PORT_PAYLOAD', { variables: { PORT_PAYLOAD: JSON.stringify({ context: { runId: RUN } }) } }],
  ['the variables of the trigger call', triggered({ ref: 'main', variables: { run_id: RUN } })],
  ['the run message of a webhook', triggered({ ref: 'main', context: { runId: RUN } })],
  ['the trigger data of a webhook', triggered({ ref: 'main', run: { id: RUN } })],
]

const PIPELINES_OF_OTHERS: [string, Record<string, string>][] = [
  ['was pushed', {}],
  ['has a run id of something else', { RUN_ID: '17240000001' }],
  [
    'was triggered by something else',
    { CI_PIPELINE_SOURCE: 'trigger', TRIGGER_PAYLOAD: 'body.json' },
  ],
]

describe
  .skipIf(!hasTools('git', 'rsync', 'gitlab-ci-local'))
  .concurrent('the report component', () => {
    it.for(PLACES)('finds the run id in %s', async ([, started], { sandbox }) => {
      const { jobs } = await runPipeline(sandbox, { config: await config(), ...started })
      expect(jobs).toMatchObject({ 'port-report-start': 'PASS', 'port-report-success': 'PASS' })
      expect(sandbox.portRun(RUN)).toMatchObject({
        status: 'SUCCESS',
        externalRunId: expect.stringMatching(/^gl_/),
      })
    })

    it.for(PIPELINES_OF_OTHERS)(
      'has no jobs in a pipeline that %s',
      async ([, variables], { sandbox }) => {
        const { code, jobs } = await runPipeline(sandbox, {
          config: await config(),
          variables,
          files: { 'body.json': '{"ref": "main"}' },
        })
        expect(jobs).toEqual({ deploy: 'PASS' })
        expect(code).toBe(0)
        expect(sandbox.exchanges).toEqual([])
      },
    )

    it('has nothing to say if the payload names no run after all', async ({ sandbox }) => {
      const { code, output, jobs } = await runPipeline(sandbox, {
        config: await config(),
        ...triggered({ ref: 'main', variables: { RUN_ID: '42' } }),
      })
      expect(jobs).toMatchObject({ 'port-report-start': 'PASS', 'port-report-success': 'PASS' })
      expect(output).toContain('No Port run started this job')
      expect(code).toBe(0)
      expect(sandbox.exchanges).toEqual([])
    })
  })
