import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { inputVariables } from '../../test/support/action-definition.ts'
import type { Program } from './measure-process.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'dist/main.cjs')
const RUN_ID = 'r_Bench00000000001'

const METHOD = {
  type: 'GITHUB',
  org: 'acme',
  repo: 'services',
  workflow: 'deploy.yml',
  workflowInputs: { service: '{{ .inputs.service }}', ref: 'main' },
}

export type ProgramName =
  | 'bare fetch'
  | 'node -e 0'
  | 'REPORT'
  | 'PATCH_RUN'
  | 'post, nothing to do'
  | 'DISPATCH'
  | 'port-dispatch report start'

/**
 * What is measured, as the runner or a shell starts it.
 *
 * @param folder for the files of the runner
 * @param url of the server that stands in for Port and GitHub
 */
export async function programs(folder: string, url: string): Promise<Record<ProgramName, Program>> {
  const file = (name: string) => join(folder, name)
  await writeFile(file('event.json'), JSON.stringify({ inputs: { port_run_id: RUN_ID } }))
  for (const name of ['output', 'state', 'summary']) await writeFile(file(name), '')
  const path = { PATH: process.env.PATH }
  const runner = {
    ...path,
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: url,
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_EVENT_PATH: file('event.json'),
    GITHUB_OUTPUT: file('output'),
    GITHUB_REPOSITORY: 'acme/services',
    GITHUB_REPOSITORY_ID: '1',
    GITHUB_REPOSITORY_OWNER_ID: '2',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '3',
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_STATE: file('state'),
    GITHUB_STEP_SUMMARY: file('summary'),
  }
  const port = { clientId: 'bench-client', clientSecret: 'bench-secret', baseUrl: url }
  const step = (inputs: Record<string, string>) => ({
    ...runner,
    ...inputVariables(inputs, { 'job.status': 'success', 'github.token': 'bench-token' }),
  })
  const patch = step({ ...port, operation: 'PATCH_RUN', runId: RUN_ID, statusLabel: 'Running' })
  return {
    'bare fetch': { args: [join(import.meta.dirname, 'bare.mjs')], env: patch },
    'node -e 0': { args: ['-e', '0'], env: patch },
    REPORT: { args: [MAIN], env: step(port) },
    PATCH_RUN: { args: [MAIN], env: patch },
    'post, nothing to do': { args: [join(ROOT, 'dist/post.cjs')], env: patch },
    DISPATCH: {
      args: [MAIN],
      env: step({
        operation: 'DISPATCH',
        invocationMethod: JSON.stringify(METHOD),
        context: JSON.stringify({ inputs: { service: 'checkout' } }),
      }),
      until: '/dispatches',
    },
    'port-dispatch report start': {
      args: [join(ROOT, 'packages/cli/bin/port-dispatch.cjs'), 'report', 'start'],
      env: {
        ...path,
        PORT_BASE_URL: url,
        PORT_CLIENT_ID: port.clientId,
        PORT_CLIENT_SECRET: port.clientSecret,
        PORT_RUN_ID: RUN_ID,
      },
    },
  }
}
