import { describe, expect } from 'vitest'
import { ActionStep, type StepOptions } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

const DEPLOY = `type: GITHUB
org: acme
repo: services
workflow: deploy.yml
workflowInputs:
  service: "{{ .inputs.service }}"
  environment: '{{ .inputs.environment | ascii_downcase }}'
  version: "{{ .secrets.version // \\"latest\\" }}"
`

describe.concurrent('DISPATCH', () => {
  it.for<[string, Record<string, string>, string]>([
    ['nothing to dispatch', { invocationMethod: '' }, 'invocationMethod: is missing; give an'],
    ['JSON that is cut', { invocationMethod: '{"type": "GITHUB",' }, 'invocationMethod:1:'],
    ['broken YAML', { invocationMethod: 'type: GITHUB\n  org: "acme' }, 'invocationMethod:2:'],
    ['a file that is not there', { invocationMethod: 'no/action.yml' }, 'there is no such file'],
    [
      'a type that is not dispatched',
      { invocationMethod: 'type: JENKINS\nurl: https://jenkins.example' },
      'found "JENKINS". Jobs of Jenkins cannot be dispatched',
    ],
    ['a context that is a list', { context: '[1]' }, 'expected an object'],
    ['an unknown choice', { wait: 'true', onCancel: 'stop' }, 'expected leave or cancel'],
    ['a payload too', { payload: '{}' }, 'payload: is not an input of DISPATCH'],
    ['no token', { githubToken: '' }, 'githubToken: is missing. Set it to a token with write'],
  ])('refuses %s', async ([_, wrong, message], { sandbox }) => {
    const step: StepOptions = {
      sandbox,
      inputs: {
        operation: 'DISPATCH',
        invocationMethod: DEPLOY,
        context: '{"inputs": {"service": "checkout", "environment": "staging"}}',
        clientId: '',
        clientSecret: '',
        ...wrong,
      },
    }
    const main = await new ActionStep(step).main()
    expect(main).toMatchObject({ code: 1, annotations: [expect.stringContaining(message)] })
    expect(main.annotations).toHaveLength(1)
    expect(sandbox.githubRuns('acme/services')).toEqual([])
  })
})
