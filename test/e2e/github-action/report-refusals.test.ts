import { describe, expect } from 'vitest'
import { portCalls } from '../../support/port-calls.ts'
import { ActionStep, type StepOptions } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

type Case = Omit<StepOptions, 'sandbox'>

describe.concurrent('a mistake is one annotation that says what to write', () => {
  it.for<[string, Case, string | RegExp]>([
    [
      'an unknown operation',
      { inputs: { operation: 'REPROT' } },
      'operation: found "REPROT"; expected one of REPORT, DISPATCH, RENDER, LINT, PATCH_RUN, CREATE_RUN, UPSERT, BULK_UPSERT, GET, DELETE, SEARCH',
    ],
    [
      'a former name',
      { inputs: { operation: 'UPDATE_RUN' } },
      'operation: found "UPDATE_RUN", which is called PATCH_RUN',
    ],
    [
      'no client id',
      { inputs: { clientId: '' } },
      /clientId: is missing; write "clientId: \$\{\{ secrets\.PORT_CLIENT_ID \}\}"/,
    ],
    [
      'no client secret',
      { inputs: { clientSecret: '' } },
      /clientSecret: is missing; .* Dependabot cannot read, is empty/,
    ],
    [
      'an address that is none',
      { inputs: { baseUrl: 'api.port.io' } },
      `baseUrl: found "api.port.io"; expected an address like https://api.port.io or https://api.us.port.io`,
    ],
    [
      'a run id that is nowhere',
      { event: { name: 'workflow_dispatch', payload: { inputs: { service: 'checkout' } } } },
      /runId: is missing, and the event "workflow_dispatch" does not hold it\. It was looked for in the inputs of the event, as port_context\.runId, .*port_run_id, runId, run_id, .*workflowNodeRun\.identifier\. Add to the action's workflowInputs in Port: "port_run_id": "\{\{ \.run\.id \}\}"/,
    ],
    [
      'a context that is no JSON',
      {
        event: { name: 'workflow_dispatch', payload: { inputs: { port_context: '{"runId": ' } } },
      },
      'port_context did not hold a JSON object.',
    ],
    [
      'a switch that says neither',
      { inputs: { runId: 'r_1', reportWorkflowStatus: 'no' } },
      'reportWorkflowStatus: found "no"; expected true or failure or false',
    ],
    [
      'a time span that is none',
      { inputs: { runId: 'r_1', reportTimeout: 'soon' } },
      'reportTimeout: found "soon"; expected a time span like 90s, 30m or 1h30m',
    ],
    [
      'a status of its own',
      { inputs: { runId: 'r_1', status: 'SUCCESS' } },
      'status: is not an input of REPORT; REPORT sends the status of the job.',
    ],
    [
      'an action to dispatch',
      { inputs: { runId: 'r_1', invocationMethod: 'deploy.yml' } },
      'invocationMethod: is not an input of REPORT; set "operation: DISPATCH" to dispatch it',
    ],
    [
      'needs that are no JSON',
      { inputs: { runId: 'r_1', needs: 'build, deploy' } },
      /needs: found no JSON object; write "needs: \$\{\{ toJSON\(needs\) \}\}"/,
    ],
    [
      'needs of a job that needs none',
      { inputs: { runId: 'r_1', needs: '{}' } },
      'needs: names no job; add "needs: [build, deploy]"',
    ],
    [
      'a list of links that is none',
      { inputs: { runId: 'r_1', link: '["https://example.com"' } },
      'link: begins with [ and is not JSON of links; expected ["https://…"] or "https://…"',
    ],
    [
      'an event that describes no workflow run',
      { event: { name: 'workflow_run', payload: {} } },
      'holds no "workflow_run" with its id, its page and its repository',
    ],
  ])('%s', async ([_, wrong, message], { sandbox }) => {
    const step = new ActionStep({ sandbox, ...wrong })
    const main = await step.main()
    expect(main.annotations).toHaveLength(1)
    expect(main.annotations[0]).toMatch(/^error: /)
    if (typeof message === 'string') expect(main.annotations[0]).toContain(message)
    else expect(main.annotations[0]).toMatch(message)
    expect(main.code).toBe(1)
    expect(portCalls(sandbox), 'nothing is asked of Port').toEqual([])
    const post = await step.post('failure')
    expect(post.code, 'the post step does not fail too').toBe(0)
    expect(post.annotations.filter((text) => text.startsWith('error'))).toEqual([])
  })

  it('a job status that is none', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = new ActionStep({ sandbox, inputs: { runId: id, jobStatus: 'fine' } })
    await step.main()
    expect((await step.post()).annotations).toEqual([
      expect.stringContaining('jobStatus: found "fine"; leave the input out'),
    ])
  })
})

describe.concurrent('a workflow that Port did not start is left alone', () => {
  it.for<[string, Case, string]>([
    [
      'a push',
      { event: { name: 'push', payload: { ref: 'refs/heads/main' } } },
      'Port did not trigger this workflow (event: push)',
    ],
    [
      'started by hand',
      {
        event: {
          name: 'workflow_dispatch',
          payload: { inputs: { service: 'checkout', port_run_id: '' } },
        },
      },
      'The input port_run_id is empty: a person started this workflow, not Port',
    ],
  ])('%s', async ([_, options, reason], { sandbox }) => {
    const step = new ActionStep({ sandbox, ...options })
    expect(await step.main()).toMatchObject({
      code: 0,
      annotations: [`notice: ${reason}, so there is no Port run to report on.`],
    })
    expect(await step.post('failure')).toMatchObject({ code: 0, output: '' })
    expect(portCalls(sandbox)).toEqual([])
  })

  it('unless strict says that there must be one', async ({ sandbox }) => {
    const event = { name: 'push', payload: {} }
    const main = await new ActionStep({ sandbox, event, inputs: { strict: 'true' } }).main()
    expect(main.code).toBe(1)
  })
})

describe.concurrent('what users typed is never a command of the runner', () => {
  it('in messages and log lines', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const evil = 'x\n::set-output name=runId::evil\n##[add-mask]evil'
    const step = new ActionStep({
      sandbox,
      inputs: { runId: id },
      env: { GITHUB_WORKFLOW: evil, GITHUB_RUN_ATTEMPT: '2' },
    })
    await step.main()
    await step.post('failure')
    const again = await step.main()
    expect(again.log.join('\n')).toContain(
      '  \\::set-output name=runId::evil\n  ##\\[add-mask]evil',
    )
    expect(again.outputs).toMatchObject({ runId: id })
  })
})

describe.concurrent('a step that fails over its own inputs', () => {
  it('ends the Port run when the job ends', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = new ActionStep({ sandbox, inputs: { runId: id, reportWorkflowStatus: 'no' } })
    expect(await step.main()).toMatchObject({ code: 1 })
    await step.post('failure')
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE' })
  })

  it.for(['REPORT', 'PATCH_RUN'])(
    'refuses what is no link of a page in %s',
    async (operation, { sandbox }) => {
      const { id } = sandbox.createPortRun('deploy_service')
      const inputs = { operation, runId: id, link: 'https://ci.example/1\njavascript:alert(1)' }
      const { code, annotations } = await new ActionStep({ sandbox, inputs }).main()
      expect(code).toBe(1)
      expect(annotations[0]).toContain(
        'link: found "javascript:alert(1)"; expected an address that begins with https:// or http://',
      )
    },
  )
})

describe.concurrent('an unforeseen error', () => {
  it('is shown without a credential or a command of the runner', async ({ sandbox }) => {
    // What is not JSON breaks the reading of the state, and its message quotes the text.
    const secret = 'client-secret-in-a-stack'
    const step = new ActionStep({
      sandbox,
      inputs: { clientSecret: secret },
      env: { STATE_report: `${secret}\u001b[31m ::stop-commands::x`, RUNNER_DEBUG: '1' },
    })
    const { code, output } = await step.post()
    const shown = output.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    expect(code).toBe(1)
    expect(shown.join('\n')).toContain('Unexpected error')
    expect(shown.join('\n')).not.toContain('client-s')
    expect(shown.join('\n')).not.toContain('\u001b')
  })
})

describe.concurrent("on Gitea's runner", () => {
  it('the ids come from the file of the event, and the step warns of jobStatus', async ({
    sandbox,
  }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const { annotations, outputs } = await new ActionStep({
      sandbox,
      inputs: { runId: id },
      env: {
        GITEA_ACTIONS: 'true',
        GITHUB_REPOSITORY_ID: undefined,
        GITHUB_REPOSITORY_OWNER_ID: undefined,
      },
      event: { name: 'workflow_dispatch', payload: { repository: { id: 31, owner: { id: 7 } } } },
    }).main()
    expect(outputs.externalRunId).toBe('gh_7_31_4711')
    expect(annotations).toEqual([expect.stringMatching(/jobStatus: \$\{\{ job\.status \}\}/)])
  })

  it('the end is that of the job if the step has jobStatus', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const env = { GITEA_ACTIONS: 'true' }
    const inputs: Record<string, string> = { runId: id, jobStatus: 'success' }
    const step = new ActionStep({ sandbox, inputs, env })
    await step.main()
    // The runner evaluates what the workflow itself says again.
    inputs.jobStatus = 'failure'
    expect(await step.post()).toMatchObject({ code: 0, annotations: [] })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE' })
  })
})
