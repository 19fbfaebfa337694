import { describe, expect } from 'vitest'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { component } from './gitlab/component.ts'
import { packCommand } from './gitlab/packed-command.ts'
import { hasTools } from './gitlab/required-tools.ts'
import { runPipeline } from './gitlab/run-pipeline.ts'

const RUN = 'r_DeployService001'

async function config(inputs: Record<string, unknown> = {}): Promise<string> {
  const { tarball } = await packCommand()
  return `include:\n${component('report', tarball, inputs)}\ndeploy:\n  script: [echo deployed]\n`
}

const unreachable = { PORT_RUN_ID: RUN, PORT_BASE_URL: 'http://127.0.0.1:65529' }

describe
  .skipIf(!hasTools('git', 'rsync', 'gitlab-ci-local'))
  .concurrent('a report that fails', () => {
    it('is a warning, and the pipeline goes on', async ({ sandbox }) => {
      const { code, jobs, output } = await runPipeline(sandbox, {
        config: await config({ 'report-timeout': '1s' }),
        variables: unreachable,
      })
      expect(jobs).toEqual({
        'port-report-start': 'WARN',
        deploy: 'PASS',
        'port-report-success': 'WARN',
      })
      expect(code).toBe(0)
      expect(output).toContain('(ECONNREFUSED)')
      expect(output).toMatch(/Could not update Port: .*\n.*status: SUCCESS/)
    })

    it('fails the pipeline before the work begins if strict', async ({ sandbox }) => {
      const { code, jobs } = await runPipeline(sandbox, {
        config: await config({ 'report-timeout': '1s', strict: true }),
        variables: unreachable,
      })
      expect(jobs).toMatchObject({ 'port-report-start': 'FAIL' })
      expect(jobs).not.toHaveProperty('deploy')
      expect(code).not.toBe(0)
    })

    it('says which variable is missing, and that it may be protected', async ({ sandbox }) => {
      const { jobs, output } = await runPipeline(sandbox, {
        config: await config(),
        variables: { PORT_RUN_ID: RUN, PORT_CLIENT_ID: undefined },
      })
      expect(jobs).toMatchObject({ 'port-report-start': 'WARN', deploy: 'PASS' })
      expect(output).toContain('PORT_CLIENT_ID: is missing')
      expect(output).toContain('Settings > CI/CD > Variables')
      expect(output).toContain(
        'only to protected branches and tags, and the ref "main" is not protected',
      )
    })

    it('says that the run does not exist', async ({ sandbox }) => {
      const { jobs, output } = await runPipeline(sandbox, {
        config: await config(),
        variables: { PORT_RUN_ID: 'r_of_another_organization' },
      })
      expect(jobs).toMatchObject({ 'port-report-start': 'WARN', deploy: 'PASS' })
      expect(output).toContain(
        'Check the run ID, and that the credentials belong to the organization',
      )
    })

    it('is a warning too if npx finds no package', async ({ sandbox }) => {
      const { code, jobs } = await runPipeline(sandbox, {
        config: await config({ package: './missing.tgz' }),
        variables: { PORT_RUN_ID: RUN },
      })
      expect(jobs).toMatchObject({ 'port-report-start': 'WARN', deploy: 'PASS' })
      expect(code).toBe(0)
    })

    it('is refused as an input that GitLab does not take', async ({ sandbox }) => {
      const { code, output, jobs } = await runPipeline(sandbox, {
        config: await config({ package: '"; echo injected; "' }),
        variables: { PORT_RUN_ID: RUN },
      })
      expect(jobs).toEqual({})
      expect(output).toContain('package')
      expect(code).not.toBe(0)
    })
  })
