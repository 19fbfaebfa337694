// What a step reads and what stands around it, once its work is done by a REPORT step in another place.
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

const VAULT = '      - id: vault\n        uses: hashicorp/vault-action@v3\n'
const ID = `clientId: \${{ secrets.PORT_CLIENT_ID }}`

/** A job with lines of its own before its steps. */
function job(steps: string, lines = ''): string {
  return `    runs-on: ubuntu-latest\n${lines}    steps:\n${steps}`
}

function lastJob(text: string): string {
  const at = text.indexOf('\n  report:\n')
  return at === -1 ? '' : text.slice(at + 1)
}

describe('migrate puts REPORT where Port can be reached', () => {
  it('behind the steps that make the credentials', () => {
    const given = {
      clientId: `\${{ steps.vault.outputs.id }}`,
      clientSecret: `\${{ steps['vault'].outputs.secret }}`,
    }
    const done = portStep({ ...given, status: 'SUCCESS' })
    const { text } = migrated(workflowOf({ ship: WORK + VAULT + WORK + done }))
    expect(text).toBe(workflowOf({ ship: WORK + VAULT + reportStep(given) + WORK }))
  })

  it('nowhere, if a step exports the credentials', () => {
    const done = portStep({ clientId: `\${{ env.PORT_CLIENT_ID }}`, status: 'SUCCESS' })
    const { text, said } = migrated(workflowOf({ ship: VAULT + WORK + done }))
    expect(text).toBe(workflowOf({ ship: VAULT + WORK + inPlace(done) }))
    expect(said).toContain('the credentials are made while the job runs')
  })
})

describe('migrate writes the last job with what such a job has', () => {
  const env = `    env:\n      ID: \${{ secrets.PORT_CLIENT_ID }}\n`

  it('instead of variables of another job', () => {
    const done = SUCCESS.replace(ID, `clientId: \${{ env.ID }}`)
    const { text } = migrated(
      workflowOf({ build: job(WORK + FAILURE), ship: job(WORK + done, env) }),
    )
    expect(lastJob(text)).toContain(ID)
    const only = migrated(workflowOf({ build: job(WORK + done, env), ship: job(done, env) }))
    expect(lastJob(only.text)).toContain(ID)
    expect(lastJob(only.text)).not.toContain('env.')
  })

  it.each([
    ['a list', '    runs-on:\n      - self-hosted\n      - linux\n', '[self-hosted, linux]'],
    ['a group', '    runs-on:\n      group: big # ones\n', '{group: big}'],
    ['the matrix', `    runs-on: \${{ matrix.os }}\n`, 'ubuntu-latest'],
    ['an input', `    runs-on: \${{ inputs.runner }}\n`, `\${{ inputs.runner }}`],
  ])('on a runner that it can name: %s', (_, lines, runner) => {
    const matrix = '    strategy:\n      matrix:\n        os: [a, b]\n'
    const { text } = migrated(
      workflowOf({ ship: `${matrix}${lines}    steps:\n${WORK}${SUCCESS}` }),
    )
    expect(lastJob(text)).toContain(`    runs-on: ${runner}\n`)
  })

  it.each([
    ['secrets can be those of an environment', '    environment: production\n', SUCCESS],
    ['a matrix makes them', '', SUCCESS.replace(ID, `clientId: \${{ matrix.id }}`)],
  ])('and not at all, if %s', (_, lines, done) => {
    const { text } = migrated(
      workflowOf({ build: job(WORK + done, lines), ship: job(WORK + done, lines) }),
    )
    expect(lastJob(text)).toBe('')
    expect(text.match(/Report to Port/g)).toHaveLength(2)
  })

  it('nor if the result of a job does not show that it failed', () => {
    const { text } = migrated(
      workflowOf({
        build: job(WORK + FAILURE, '    continue-on-error: true\n'),
        ship: job(WORK + SUCCESS),
      }),
    )
    expect(lastJob(text)).toBe('')
  })

  it('does not report a success if the job that would have was skipped', () => {
    const { text } = migrated(
      workflowOf({
        plan: job(WORK + FAILURE),
        apply: job(WORK + SUCCESS, '    needs: plan\n    if: needs.plan.outputs.approved\n'),
      }),
    )
    expect(lastJob(text)).toContain(
      "    if: failure() || cancelled() || needs.apply.result == 'success'\n",
    )
  })

  it('at the indentation of the jobs, whatever comments stand there', () => {
    const { text } = migrated(
      workflowOf({
        build: `        # deep\n${job(WORK + FAILURE)}`,
        ship: `        # deeper\n${job(WORK + SUCCESS)}`,
      }),
    )
    expect(lastJob(text)).toContain('  report:\n    needs: [build, ship]\n')
  })
})

describe('migrate changes only what it has to', () => {
  it('takes a status out of inputs in flow style, and nothing else', () => {
    const flow = (status: string) =>
      `      - if: ${status === 'SUCCESS' ? 'success()' : 'failure()'}
        uses: port-labs/port-github-action@v1
        with: {operation: PATCH_RUN, runId: "\${{ fromJson(inputs.port_context).runId }}", logMessage: Over, status: ${status}}
`
    const { text } = migrated(
      workflowOf({ build: WORK + flow('FAILURE'), ship: WORK + flow('SUCCESS') }),
    )
    expect(text).toContain(inPlace(flow('SUCCESS')).replace(', status: SUCCESS', ''))
    expect(text).toContain(inPlace(flow('FAILURE')).replace(', status: FAILURE', ''))
  })

  it('leaves the status to steps of which each is for another failure', () => {
    const early = FAILURE.replace('Stranded', 'Not built')
    const { text, said } = migrated(workflowOf({ ship: WORK + early + WORK + FAILURE + SUCCESS }))
    expect(text).toBe(
      workflowOf({
        ship:
          reportStep({ successMessage: 'Shipped' }) +
          WORK +
          inPlace(early) +
          WORK +
          inPlace(FAILURE),
      }),
    )
    expect(said).toContain('stays as PATCH_RUN with its status: it is one of several')
  })

  it('sees through aliases, and leaves what several places share as it is', () => {
    const anchored = FAILURE.replace('      - ', '      - &failed\n        ')
    const { text } = migrated(
      workflowOf({ build: WORK + anchored, ship: `${WORK}${SUCCESS}      - *failed\n` }),
    )
    expect(text).toContain(inPlace(anchored))
    expect(text).toContain(`${reportStep({ successMessage: 'Shipped' })}${WORK}      - *failed\n`)
    const { text: values } = migrated(
      workflowOf({
        ship: `    env:\n      ID: &id \${{ secrets.PORT_CLIENT_ID }}\n${job(
          WORK + SUCCESS.replace(ID, 'clientId: *id'),
        )}`,
      }),
    )
    expect(values).toContain(`          ${ID}\n`)
    const uses = migrated(
      workflowOf({
        ship:
          portStep({ operation: 'GET' }).replace('uses: ', 'uses: &theirs ') +
          portStep({ operation: 'DELETE' }).replace(
            'uses: port-labs/port-github-action@v1',
            'uses: *theirs',
          ),
      }),
    )
    expect(uses.text).toContain('uses: &theirs port-dispatch/port-dispatch@v1')
    expect(uses.text).toContain('uses: *theirs')
  })

  it('keeps every comment, and what follows the last step', () => {
    const { text } = migrated(
      workflowOf({
        ship: `      - run: ./ship.sh # work
      # Over
      - if: success() # and not else
        uses: port-labs/port-github-action@v1 # v1.2
        with: # inputs
          # who
          clientId: a # id
          clientSecret: b
          operation: PATCH_RUN
          runId: \${{ fromJson(inputs.port_context).runId }}
          # the end
          status: SUCCESS
          # what
          logMessage: | # text
            Shipped
            # no comment
          # below
      # after the steps
    # after the job
# after all
`,
      }),
    )
    expect(text).toContain(`      - name: Report to Port
        uses: port-dispatch/port-dispatch@v1
        with:
          # who
          clientId: a # id
          clientSecret: b
          # Over
          # and not else
          # inputs
          # the end
          # below
          # what
          successMessage: | # text
            Shipped
            # no comment
      - run: ./ship.sh # work
      # after the steps
    # after the job
# after all
`)
  })
})

describe('migrate understands conditions by what they come to', () => {
  it.each([
    [
      `\${{ always() && job.status == 'success' }}`,
      `\${{ always() && (job.status == 'failure' || job.status == 'cancelled') }}`,
    ],
    [`!failure() && !cancelled()`, `failure() && !cancelled()`],
    [`success( )`, `! success()`],
    [`(success())`, `always() && job.status != 'SUCCESS'`],
    [`success() && inputs.port_context`, `failure() && github.event.inputs.port_context != ''`],
  ])('%s and %s', (success, failure) => {
    const steps =
      WORK +
      portStep(
        { status: 'SUCCESS', logMessage: 'Shipped' },
        { if: success.startsWith('!') ? `"${success}"` : success },
      ) +
      portStep(
        { status: 'FAILURE', logMessage: 'Stranded' },
        { if: failure.startsWith('!') ? `"${failure}"` : failure },
      )
    expect(migrated(workflowOf({ ship: steps })).text).toBe(
      workflowOf({
        ship: reportStep({ successMessage: 'Shipped', failureMessage: 'Stranded' }) + WORK,
      }),
    )
  })

  it.each([
    "job.status == 'success' && 'SUCCESS' || 'FAILURE'",
    "( job.status == 'success' ) && 'SUCCESS' || 'FAILURE'",
    "job.status != 'success' && 'FAILURE' || 'SUCCESS'",
    'job.status',
  ])('and a status made of that of the job: %s', (status) => {
    const done = portStep({ status: `\${{ ${status} }}` }, { if: 'always()' })
    expect(migrated(workflowOf({ ship: WORK + done })).text).toBe(
      workflowOf({ ship: reportStep({}) + WORK }),
    )
  })

  it.each([
    "success() && github.ref == 'refs/heads/main'",
    "failure() || inputs.port_context == ''",
    "contains(github.ref, 'success()')",
    "steps.scan.outcome == 'success'",
    'success() &&',
    'success() > 0',
  ])('and leaves a status to others: %s', (condition) => {
    const done = portStep({ status: 'SUCCESS' }, { if: condition })
    expect(migrated(workflowOf({ ship: WORK + done })).text).toContain(inPlace(done))
  })
})
