import {
  type Finding,
  lint,
  readPipeline,
  readWorkflow,
  type Target,
} from '@port-dispatch/core/lint'
import { describe, expect, it } from 'vitest'

const sent = { port_run_id: '{{ .run.id }}' }

function action(method: object, properties: object = {}) {
  return JSON.parse(
    JSON.stringify({
      identifier: 'a',
      trigger: { type: 'self-service', operation: 'DAY-2', userInputs: { properties } },
      invocationMethod: method,
    }),
  )
}

const github = (more: object = {}) =>
  action({ type: 'GITHUB', org: 'a', repo: 'b', workflow: 'w.yml', workflowInputs: sent, ...more })

function workflow(more: object): Target {
  const document = { on: { workflow_dispatch: { inputs: { port_run_id: {} } } }, ...more }
  const read = readWorkflow('w.yml', JSON.parse(JSON.stringify(document)), new Map())
  if (!read) throw new Error('It is not a workflow')
  return { type: 'workflow', workflow: read }
}

async function found(document: ReturnType<typeof action>, target?: Target): Promise<string[]> {
  const { findings } = await lint([{ file: 'a.json', document }], { targetOf: () => target })
  return findings.map(({ severity, rule }: Finding) => `${severity} ${rule}`)
}

const REPORT = { uses: 'port-dispatch/port-dispatch@v1' }
const NAMED = `Deploy (\${{ inputs.port_run_id }})`

describe('advice, which does not fail', () => {
  it('is given where a template has single braces', async () => {
    const payload = { type: 'KAFKA', payload: { a: 'for { .inputs.name }' } }
    expect(await found(action(payload))).toEqual(['warning single-braces'])
  })

  it('is given where the run-name lacks the run ID', async () => {
    const jobs = { a: { steps: [] } }
    expect(await found(github(), workflow({ jobs }))).toEqual(['info run-name'])
    expect(await found(github(), workflow({ jobs, 'run-name': NAMED }))).toEqual([])
  })

  it('is given where the run is ended twice, or too early', async () => {
    const base = { 'run-name': NAMED, jobs: { a: { steps: [REPORT] } } }
    const both = github({ reportWorkflowStatus: true })
    expect(await found(both, workflow(base))).toEqual(['info reported-twice'])
    const off = github({ reportWorkflowStatus: false })
    expect(await found(off, workflow(base))).toEqual([])
    const early = { ...base, jobs: { a: { steps: [REPORT] }, b: { needs: 'a', steps: [] } } }
    expect(await found(off, workflow(early))).toEqual(['warning reported-twice'])
    const last = { ...base, jobs: { a: { steps: [] }, b: { needs: ['a'], steps: [REPORT] } } }
    expect(await found(off, workflow(last))).toEqual([])
  })

  it.for([
    [9, []],
    [11, ['info input-count']],
    [26, ['error input-count']],
  ] as const)('is given where %i inputs are sent', async ([count, expected]) => {
    const names = Array.from({ length: count - 1 }, (_, index) => `input_${index}`)
    const workflowInputs = { ...sent, ...Object.fromEntries(names.map((name) => [name, 'x'])) }
    expect(await found(github({ workflowInputs }))).toEqual(expected)
  })

  it('is given where anybody chooses the branch of a pipeline', async () => {
    const component = { component: 'gitlab.com/port-dispatch/port-dispatch/report@0.1.0' }
    const pipeline = readPipeline('.gitlab-ci.yml', [{ include: [component], a: { script: [] } }])
    if (!pipeline) throw new Error('It is not a pipeline')
    const method = {
      type: 'GITLAB',
      groupName: 'a',
      projectName: 'b',
      pipelineVariables: { PORT_RUN_ID: '{{ .run.id }}' },
    }
    const target: Target = { type: 'pipeline', pipeline }
    expect(await found(action(method, { ref: { type: 'string' } }), target)).toEqual([
      'info protected-variables',
    ])
    const chosen = { ref: { type: 'string', enum: ['main'] } }
    expect(await found(action(method, chosen), target)).toEqual([])
  })
})
