import { describe, expect, it } from 'vitest'
import {
  FAILURE,
  inPlace,
  migrated,
  portStep,
  reportStep,
  SUCCESS,
  WORK,
  workflowOf,
} from './workflow-of.ts'

const START = portStep({ logMessage: 'Setting out' })

function stepsOf(steps: string) {
  const { text, said } = migrated(workflowOf({ ship: steps }))
  return { steps: text.slice(text.indexOf('      - ')), said }
}

describe('migrate makes one REPORT step of the steps that frame a job', () => {
  it('start, success and failure become its messages', () => {
    const { steps, said } = stepsOf(START + WORK + SUCCESS + FAILURE)
    expect(steps).toBe(
      reportStep({
        startMessage: 'Setting out',
        successMessage: 'Shipped',
        failureMessage: 'Stranded',
      }) + WORK,
    )
    expect(said).toContain('ship: 3 steps (start, success, failure) became one REPORT step')
  })

  it('stands first, so that a step before the first message is reported too', () => {
    const checkout = '      - uses: actions/checkout@v5\n'
    const { steps } = stepsOf(checkout + START + WORK + SUCCESS)
    expect(steps).toBe(
      reportStep({ startMessage: 'Setting out', successMessage: 'Shipped' }) + checkout + WORK,
    )
  })

  it('leaves a first message that comes after work in its place', () => {
    const { steps } = stepsOf(WORK + START + SUCCESS)
    expect(steps).toBe(reportStep({ successMessage: 'Shipped' }) + WORK + inPlace(START))
  })

  it('takes a status step without if for a success', () => {
    const done = portStep({ status: 'SUCCESS' })
    expect(stepsOf(WORK + done).steps).toBe(reportStep({}) + WORK)
  })

  it('ends the run on failure only where nothing ended it on success', () => {
    const { steps } = stepsOf(WORK + FAILURE)
    expect(steps).toBe(
      reportStep({ failureMessage: 'Stranded', reportWorkflowStatus: 'failure' }) + WORK,
    )
  })

  it('understands a step that sends the status of the job', () => {
    const always = portStep(
      { status: `\${{ job.status == 'success' && 'SUCCESS' || 'FAILURE' }}`, logMessage: 'Over' },
      { if: `\${{ always() }}` },
    )
    expect(stepsOf(WORK + always).steps).toBe(reportStep({ logMessage: 'Over' }) + WORK)
  })

  it('chooses summary and link at the end, where the two steps have different ones', () => {
    const success = portStep(
      { status: 'SUCCESS', summary: "It's {done}", link: 'https://a.example' },
      { if: 'success()' },
    )
    const failure = portStep(
      {
        status: 'FAILURE',
        summary: `"No \${{ inputs.service }}, \${{ github.actor }}"`,
        link: 'https://a.example',
      },
      { if: 'failure()' },
    )
    expect(stepsOf(WORK + success + failure).steps).toBe(
      reportStep({
        summary: `\${{ job.status == 'success' && 'It''s {done}' || job.status == 'failure' && format('No {0}, {1}', inputs.service, github.actor) || '' }}`,
        link: 'https://a.example',
      }) + WORK,
    )
  })

  it('keeps multi-line messages and quotes as they are written', () => {
    const message = `|
            Shipped:
              all of it`
    const done = portStep({ status: 'SUCCESS', logMessage: message })
    const start = portStep({ logMessage: "'Setting out'" })
    expect(stepsOf(start + WORK + done).steps).toBe(
      reportStep({ startMessage: "'Setting out'", successMessage: message }) + WORK,
    )
  })

  it('puts the comment above a step at its message', () => {
    const { steps } = stepsOf(`      # Off we go\n${START}${WORK}      # Made it\n${SUCCESS}`)
    expect(steps).toContain('          # Made it\n          successMessage: Shipped\n')
    const { text } = migrated(
      workflowOf({
        ship: `    runs-on: x\n    steps:\n      # Off we go\n${START}${WORK}${SUCCESS}`,
      }),
    )
    expect(text).toContain('      # Off we go\n      - name: Report to Port\n')
  })

  it('drops a condition that only asks whether Port started the workflow', () => {
    const runId = `\${{ inputs.port_run_id }}`
    const guard = { if: `\${{ inputs.port_run_id != '' }}` }
    const { text } = migrated(
      workflowOf(
        { ship: WORK + portStep({ runId, status: 'SUCCESS' }, guard) },
        'on:\n  workflow_dispatch:\n    inputs:\n      port_run_id:\n        type: string\njobs:\n',
      ),
    )
    expect(text).toContain(reportStep({}) + WORK)
    expect(text).not.toContain('if:')
  })
})

describe('migrate leaves a status where it is, and says why, if', () => {
  it.each([
    [
      'it depends on a step',
      portStep({ status: 'SUCCESS' }, { if: "steps.scan.outputs.clean == 'true'" }),
      'depends on more than whether the job succeeds',
    ],
    [
      'it is data',
      portStep({ status: `\${{ steps.scan.outputs.clean && 'SUCCESS' || 'FAILURE' }}` }),
      'depends on more than whether the job succeeds',
    ],
    ['work follows it', SUCCESS + WORK, 'steps follow it'],
    ['there are two', SUCCESS + SUCCESS, 'several steps end the run with SUCCESS'],
    [
      'the run id is made on the way',
      portStep({ status: 'SUCCESS', runId: `\${{ env.RUN }}` }),
      'the run id is made while the job runs',
    ],
    [
      'the credentials differ',
      FAILURE + portStep({ status: 'SUCCESS', clientId: `\${{ secrets.OTHER }}` }),
      'different credentials',
    ],
    [
      'the run ids differ',
      FAILURE + portStep({ status: 'SUCCESS', runId: `\${{ github.event.client_payload.id }}` }),
      'name their Port run in different ways',
    ],
  ])('%s', (_, steps, reason) => {
    const found = stepsOf(WORK + steps)
    expect(found.steps).toBe(WORK + inPlace(inPlace(steps)))
    expect(found.said).toContain(reason)
  })
})

describe('migrate keeps the message of a step in its place, and lets REPORT end the run, if', () => {
  it.each([
    [
      'another step refers to it',
      portStep({ status: 'FAILURE', logMessage: 'Stranded' }, { id: 'told', if: 'failure()' }) +
        "      - if: steps.told.outcome == 'failure'\n        run: ./call.sh\n",
      'the workflow refers to steps.told',
    ],
    [
      'the message is made of what steps have made',
      portStep(
        { status: 'FAILURE', logMessage: `"\${{ steps.scan.outputs.report }}"` },
        { if: 'failure()' },
      ),
      'uses what the steps before it have made',
    ],
    [
      'it is for cancelled jobs',
      portStep({ status: 'FAILURE', logMessage: 'Called off' }, { if: 'cancelled()' }),
      'for cancelled jobs only',
    ],
    [
      'the step has a time limit',
      portStep({ status: 'FAILURE', logMessage: 'x' }, { if: 'failure()', 'timeout-minutes': '1' }),
      'it has the key timeout-minutes',
    ],
  ])('%s', (_, step, reason) => {
    const found = stepsOf(WORK + step + SUCCESS)
    expect(found.steps).toBe(
      reportStep({ successMessage: 'Shipped' }) +
        WORK +
        inPlace(step).replace('          status: FAILURE\n', ''),
    )
    expect(found.said).toContain(reason)
  })
})

describe('migrate and the run id', () => {
  const inputs = (...names: string[]) =>
    `on:\n  workflow_dispatch:\n    inputs:\n${names.map((name) => `      ${name}:\n        type: string\n`).join('')}jobs:\n`

  it.each([
    [`\${{ fromJSON(inputs.port_payload).context.runId }}`, 'port_payload'],
    [`\${{fromJson(github.event.inputs.port_context).run_id}}`, 'port_context'],
    [`\${{ inputs.runId }}`, 'runId'],
  ])('is left out where the Action finds it: %s', (runId, input) => {
    const steps = WORK + portStep({ runId, status: 'SUCCESS' })
    const { text } = migrated(workflowOf({ ship: steps }, inputs('service', input)))
    expect(text).toContain(reportStep({}) + WORK)
  })

  it('stays where more than one input could name a run', () => {
    const runId = `\${{ inputs.run_id }}`
    const steps = WORK + portStep({ runId, status: 'SUCCESS' })
    const { text } = migrated(workflowOf({ ship: steps }, inputs('run_id', 'port_context')))
    expect(text).toContain(reportStep({ runId }))
  })

  it('is followed through the env of the job', () => {
    const steps = WORK + portStep({ runId: `\${{ env.RUN }}`, status: 'SUCCESS' })
    const { text } = migrated(
      workflowOf({
        ship: `    runs-on: x\n    env:\n      RUN: \${{ fromJson(inputs.port_context).runId }}\n    steps:\n${steps}`,
      }),
    )
    expect(text).toContain(reportStep({}) + WORK)
  })

  it('that a step makes puts REPORT behind that step', () => {
    const runId = `\${{ steps.parse.outputs.id }}`
    const parse = '      - id: parse\n        run: ./parse.sh\n'
    const start = portStep({ runId, logMessage: 'Setting out' })
    const done = portStep({ runId, status: 'SUCCESS' })
    const { steps } = stepsOf(parse + start + WORK + done)
    expect(steps).toBe(parse + reportStep({ runId, startMessage: 'Setting out' }) + WORK)
  })
})
