import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { component } from './gitlab/component.ts'
import { packCommand } from './gitlab/packed-command.ts'
import { hasTools } from './gitlab/required-tools.ts'
import { runPipeline } from './gitlab/run-pipeline.ts'

const context = readFileSync('examples/provision-database/context.json', 'utf8')

async function dispatches(inputs: Record<string, unknown>): Promise<string> {
  const { tarball } = await packCommand()
  return `include:\n${component('dispatch', tarball, { context, ...inputs })}`
}

const tokens = ['GITLAB_TOKEN', 'GITLAB_TRIGGER_TOKEN']

describe
  .skipIf(!hasTools('git', 'rsync', 'gitlab-ci-local'))
  .concurrent('a dispatch that fails', () => {
    it.for([
      [
        'the trigger token is a personal one',
        { action: 'provision_database' },
        { GITLAB_TRIGGER_TOKEN: 'glpat-personal' },
        'GitLab responds with 404 to other kinds of tokens',
      ],
      [
        'the token cannot see the project',
        { action: 'provision_database' },
        { GITLAB_TRIGGER_TOKEN: undefined, GITLAB_TOKEN: 'glpat-of-another-group' },
        'Check GITLAB_TOKEN',
      ],
      [
        'no token is visible',
        { action: 'provision_database' },
        Object.fromEntries(tokens.map((name) => [name, undefined])),
        'only to protected branches and tags',
      ],
      [
        'it should wait and cannot read',
        { action: 'provision_database', wait: true },
        { GITLAB_TOKEN: undefined },
        'a trigger token cannot read',
      ],
      [
        'there is no such file',
        { action: 'port/missing.json' },
        {},
        'port/missing.json: there is no such file',
      ],
      ['there is no such action', { action: 'misspelt' }, {}, 'Check the identifier of the action'],
    ] as const)('says why: %s', async ([, inputs, variables, message], { sandbox }) => {
      const { code, jobs, output } = await runPipeline(sandbox, {
        config: await dispatches(inputs),
        variables,
      })
      expect(jobs).toEqual({ 'port-dispatch': 'FAIL' })
      expect(output).toContain(message)
      expect(code).not.toBe(0)
      // A refusal of Port cannot be reported to Port.
      const label = inputs.action === 'misspelt' ? undefined : 'Not started'
      expect(sandbox.portRun('r_ProvisionDb00001')?.statusLabel ?? undefined).toBe(label)
    })

    it('does not wait for a person if it should not', async ({ sandbox }) => {
      const release = {
        type: 'GITLAB',
        groupName: 'acme',
        projectName: 'release',
        pipelineVariables: { RELEASE: 'minor' },
      }
      const { output } = await runPipeline(sandbox, {
        config: await dispatches({
          action: JSON.stringify(release),
          wait: true,
          'on-manual': 'stop',
        }),
      })
      expect(output).toMatch(/acme\/release .*(manual|person)/)
      expect(sandbox.gitlabPipelines('acme/release')).toMatchObject([{ status: 'manual' }])
      expect(sandbox.portRun('r_ProvisionDb00001')).toMatchObject({ status: 'IN_PROGRESS' })
    })
  })
