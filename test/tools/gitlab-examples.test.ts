import { readdirSync, readFileSync } from 'node:fs'
import { skeletonFor } from '@port-dispatch/core/init'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { writeYaml } from '../../packages/cli/src/init/write-yaml.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { type Published, publish } from './gitlab/published.ts'
import { hasTools } from './gitlab/required-tools.ts'
import { type Pipeline, runPipeline } from './gitlab/run-pipeline.ts'

const FOLDER = 'examples/pipelines'
const context = readFileSync('examples/provision-database/context.json', 'utf8')

function example(name: string): string {
  return readFileSync(`${FOLDER}/${name}.gitlab-ci.yml`, 'utf8')
}

describe
  .skipIf(!hasTools('git', 'rsync', 'gitlab-ci-local'))
  .concurrent('the example pipelines run as they are, with the released package', () => {
    let published: Published

    beforeAll(async () => {
      published = await publish()
    })

    afterAll(() => published?.close())

    const run = (sandbox: Parameters<typeof runPipeline>[0], pipeline: Pipeline) =>
      runPipeline(sandbox, { ...pipeline, env: published.env, schema: 'check' })

    it('report', async ({ sandbox }) => {
      const { code, output } = await run(sandbox, {
        config: example('report'),
        variables: { PORT_RUN_ID: 'r_DeployService001' },
      })
      expect(code, output).toBe(0)
      expect(sandbox.portRun('r_DeployService001')).toMatchObject({
        status: 'SUCCESS',
        externalRunId: expect.stringMatching(/^gl_/),
      })
    })

    it('a pipeline that init makes', async ({ sandbox }) => {
      const action = JSON.parse(readFileSync('examples/provision-database/action.json', 'utf8'))
      const { version } = JSON.parse(readFileSync('packages/cli/package.json', 'utf8'))
      const { code, output } = await run(sandbox, {
        config: writeYaml(await skeletonFor(action, 'The action', { version })),
        variables: { PORT_RUN_ID: 'r_DeployService001', NAME: 'orders' },
      })
      expect(code, output).toBe(0)
      expect(output).toContain('It gets orders')
      expect(sandbox.portRun('r_DeployService001')?.status).toBe('SUCCESS')
    })

    it('report-canceled', async ({ sandbox }) => {
      // gitlab-ci-local cannot cancel, so the job is told that it was.
      const canceled = example('report-canceled').replace(
        'after_script:\n',
        'after_script:\n    - export CI_JOB_STATUS=canceled\n',
      )
      await run(sandbox, {
        config: canceled,
        variables: { PORT_RUN_ID: 'r_DeployService001' },
      })
      expect(sandbox.portRun('r_DeployService001')).toMatchObject({
        status: 'FAILURE',
        statusLabel: 'Cancelled',
      })
    })

    it('dispatch', async ({ sandbox }) => {
      const { code, output } = await run(sandbox, {
        config: example('dispatch'),
        variables: { port_payload: context },
      })
      expect(code).toBe(0)
      const [pipeline] = sandbox.gitlabPipelines('acme/platform/provisioning')
      expect(output).toContain(`> SUCCESS, see ${pipeline?.url}`)
    })
  })

describe('the documentation of the components', () => {
  const page = readFileSync('docs/gitlab.md', 'utf8')

  it.for(readdirSync(FOLDER))('shows %s as it is run', (file) => {
    const [, ...lines] = readFileSync(`${FOLDER}/${file}`, 'utf8').split('\n')
    expect(page).toContain(`\`\`\`yaml\n${lines.join('\n')}\`\`\``)
  })

  it('is shown in the README as it is run', () => {
    const readme = readFileSync('README.md', 'utf8')
    const [, ...lines] = example('report').split('\n')
    if (readme.includes('component: gitlab.com')) expect(readme).toContain(lines.join('\n'))
  })
})
