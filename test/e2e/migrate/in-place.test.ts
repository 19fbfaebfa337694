import { describe, expect, it } from 'vitest'
import { inPlace, migrated, portStep, SUCCESS, WORK, workflowOf } from './workflow-of.ts'

const ENTITY = portStep({ operation: 'UPSERT', blueprint: 'service', identifier: 'checkout' })
const PROGRESS = portStep({ logMessage: 'Half way' }, { if: "steps.plan.outcome == 'success'" })

describe('migrate changes in place', () => {
  it('progress and entity steps, and nothing else of the file', () => {
    const workflow = `# Ships things
name:   "Ship"   # by hand
on: { workflow_dispatch: { inputs: { port_context: {type: string} } } }

jobs:
    ship:
        runs-on:   [self-hosted,linux]


        steps:
        -   run: |
                # port-labs/port-github-action@v1 in a script
                ./ship.sh

        # Tell them
        -   uses:   'port-labs/port-github-action@v1'   # the old one
            with: {operation: UPSERT, clientId: "\${{ secrets.ID }}", clientSecret: x, blueprint: a}
`
    const { text } = migrated(workflow)
    expect(text).toBe(
      workflow.replace("'port-labs/port-github-action@v1'", "'port-dispatch/port-dispatch@v1'"),
    )
  })

  it('a file with Windows line endings, and keeps them', () => {
    const crlf = (text: string) => text.replaceAll('\n', '\r\n')
    const { text } = migrated(crlf(workflowOf({ ship: WORK + ENTITY + SUCCESS })))
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(text).toContain(crlf(inPlace(ENTITY)))
  })

  it('a step that pins a commit, without the version behind it', () => {
    const pinned = ENTITY.replace('@v1', `@${'0'.repeat(40)} # v1.2.3`)
    const { text } = migrated(workflowOf({ ship: pinned }))
    expect(text).toBe(workflowOf({ ship: inPlace(ENTITY) }))
  })

  it('a step without operation, which upserts', () => {
    const step = ENTITY.replace('          operation: UPSERT\n', '')
    const { text } = migrated(workflowOf({ ship: step }))
    expect(text).toContain('        with:\n          operation: UPSERT\n          clientId:')
  })

  it('a step without operation that has inputs of a run only, and says so', () => {
    const step = PROGRESS.replace('          operation: PATCH_RUN\n', '')
    const { text, said } = migrated(workflowOf({ ship: step }))
    expect(text).toContain('        with:\n          operation: PATCH_RUN\n')
    expect(said).toContain('had no operation and failed; it is a PATCH_RUN now')
  })

  it('an operation that port-github-action does not know, and says so', () => {
    const { text, said } = migrated(workflowOf({ ship: ENTITY.replace('UPSERT', 'UPSERT_ENTITY') }))
    expect(text).toBe(workflowOf({ ship: inPlace(ENTITY) }))
    expect(said).toContain('UPSERT_ENTITY is not an operation; it is written UPSERT')
  })

  it('the steps of an action of its own, which does not know how its job ends', () => {
    const action = `name: Tell\nruns:\n  using: composite\n  steps:\n${SUCCESS}`
    const { text, said } = migrated(action)
    expect(text).toBe(inPlace(action))
    expect(said).toContain('does not know how its job ends')
  })

  it('steps with anchors, and those in flow style', () => {
    const job = `    runs-on: x
    steps:
      - &report
        uses: port-labs/port-github-action@v1
        with: {operation: PATCH_RUN, status: SUCCESS, runId: "\${{ inputs.runId }}"}
      - *report
`
    const { text } = migrated(workflowOf({ ship: job }))
    expect(text).toBe(workflowOf({ ship: inPlace(job) }))
  })
})

describe('migrate where several jobs end the run', () => {
  const job = (steps: string, lines = '') =>
    `    runs-on: [self-hosted]\n${lines}    steps:\n${steps}`
  const failure = portStep({ status: 'FAILURE', logMessage: 'Stranded' }, { if: 'failure()' })
  const withoutStatus = (step: string) => inPlace(step).replace(/ +status: \w+\n/, '')

  it('adds a last job that needs them and what they need, and leaves their messages', () => {
    const workflow = workflowOf({
      lint: '    runs-on: ubuntu-24.04\n    steps:\n      - run: ./lint.sh\n',
      build: job(WORK + failure, '    needs: lint\n'),
      docs: job(WORK),
      deploy: job(WORK + SUCCESS + failure, '    needs: [build]\n'),
    })
    const { text, said } = migrated(workflow)
    expect(text).toBe(
      `${workflowOf({
        lint: '    runs-on: ubuntu-24.04\n    steps:\n      - run: ./lint.sh\n',
        build: job(WORK + withoutStatus(failure), '    needs: lint\n'),
        docs: job(WORK),
        deploy: job(WORK + withoutStatus(SUCCESS) + withoutStatus(failure), '    needs: [build]\n'),
      })}
  report:
    needs: [lint, build, deploy]
    if: always()
    runs-on: [self-hosted]
    steps:
      - name: Report to Port
        uses: port-dispatch/port-dispatch@v1
        with:
          clientId: \${{ secrets.PORT_CLIENT_ID }}
          clientSecret: \${{ secrets.PORT_CLIENT_SECRET }}
          needs: \${{ toJSON(needs) }}
`,
    )
    expect(said).toContain('reports for lint, build, deploy')
  })

  it('does so for a matrix too, and finds a free name', () => {
    const matrix = '    strategy:\n      matrix:\n        zone: [a, b]\n'
    const { text } = migrated(workflowOf({ report: job(WORK + SUCCESS, matrix) }))
    expect(text).toContain('\n  report-to-port:\n    needs: [report]\n    if: always()\n')
  })

  it('leaves them as they are if one has a way of its own', () => {
    const workflow = workflowOf({
      build: job(WORK + failure),
      deploy: job(SUCCESS + WORK, '    needs: build\n'),
    })
    const { text } = migrated(workflow)
    expect(text).toContain(inPlace(SUCCESS))
    expect(text).not.toContain('needs.')
  })
})
