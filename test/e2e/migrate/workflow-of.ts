import { migrateWorkflow } from '../../../packages/cli/src/migrate/migrate-workflow.ts'

/** A step of port-github-action, as the lines of a job whose steps are indented by six. */
export function portStep(
  inputs: Record<string, string>,
  keys: Record<string, string> = {},
): string {
  const lines = (pairs: Record<string, string>, indent: string) =>
    Object.entries(pairs).map(([name, value]) => `${indent}${name}: ${value}\n`)
  return [
    '      - uses: port-labs/port-github-action@v1\n',
    ...lines(keys, '        '),
    '        with:\n',
    ...lines(
      {
        clientId: `\${{ secrets.PORT_CLIENT_ID }}`,
        clientSecret: `\${{ secrets.PORT_CLIENT_SECRET }}`,
        operation: 'PATCH_RUN',
        runId: `\${{ fromJson(inputs.port_context).runId }}`,
        ...inputs,
      },
      '          ',
    ),
  ].join('')
}

export const SUCCESS = portStep({ status: 'SUCCESS', logMessage: 'Shipped' }, { if: 'success()' })
export const FAILURE = portStep({ status: 'FAILURE', logMessage: 'Stranded' }, { if: 'failure()' })
export const WORK = '      - run: ./ship.sh\n'

const HEAD = `on:
  workflow_dispatch:
    inputs:
      port_context:
        type: string
jobs:
`

/** A workflow that Port starts with `port_context`, of jobs by their ids: the steps, or the job's lines. */
export function workflowOf(jobs: Record<string, string>, head = HEAD): string {
  const bodies = Object.entries(jobs).map(([id, body]) => {
    const rest = /^ {6}[-#] /.test(body) ? `    runs-on: ubuntu-latest\n    steps:\n${body}` : body
    return `  ${id}:\n${rest}`
  })
  return head + bodies.join('')
}

export interface Migrated {
  text: string
  /** The remarks on it. */
  said: string
}

/** What becomes of a workflow. */
export function migrated(workflow: string): Migrated {
  const migration = migrateWorkflow(workflow, 'workflow.yml')
  if (!migration) throw new Error('not a workflow')
  const { text, remarks } = migration
  return { text, said: remarks.map((remark) => `${remark.job}: ${remark.text}`).join('\n') }
}

/** The lines of a REPORT step as the command writes it. */
export function reportStep(inputs: Record<string, string>): string {
  const all = {
    clientId: `\${{ secrets.PORT_CLIENT_ID }}`,
    clientSecret: `\${{ secrets.PORT_CLIENT_SECRET }}`,
    ...inputs,
  }
  return [
    '      - name: Report to Port\n        uses: port-dispatch/port-dispatch@v1\n        with:\n',
    ...Object.entries(all).map(([name, value]) => `          ${name}: ${value}\n`),
  ].join('')
}

export function inPlace(step: string): string {
  return step.replace('port-labs/port-github-action@v1', 'port-dispatch/port-dispatch@v1')
}
