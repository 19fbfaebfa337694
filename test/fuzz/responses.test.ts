import { setTimeout } from 'node:timers/promises'
import { startSandbox } from '@port-dispatch/sandbox'
import { describe, expect, it } from 'vitest'
import { Random } from '../faults/random.ts'
import { ActionStep } from '../support/run-action.ts'
import { runCommand } from '../support/run-command.ts'
import { readWorkflowCommands } from '../support/workflow-commands.ts'
import { startUnreliableFront, type UnreliableFront } from './unreliable-front.ts'

/** `FUZZ_SEED` chooses other responses, `FUZZ_FACTOR` how many times as many. */
const FIRST_SEED = Number(process.env.FUZZ_SEED ?? 20_261_125)
const SEEDS = Array.from(
  { length: Number(process.env.FUZZ_FACTOR ?? 1) },
  (_, index) => FIRST_SEED + index,
)
/** What still waits so long after its first request is stopped, as a person or a runner does it. */
const STOP_AFTER_MS = 5_000
const late = async ({ asked }: UnreliableFront) => {
  await asked
  await setTimeout(STOP_AFTER_MS, undefined, { ref: false })
}

/** What a process printed and left behind. */
interface Ended {
  code: number | null
  printed: string
  /** Outputs, state and summary. */
  kept: string
}

type Program = (front: UnreliableFront, runId: string) => Promise<Ended[]>

const event = (runId: string) => ({
  name: 'workflow_dispatch',
  payload: { inputs: { port_run_id: runId } },
})
const QUICK = { reportTimeout: '1s', timeout: '3s' }

const action =
  (inputs: Record<string, string>, job?: 'success' | 'failure'): Program =>
  async (sandbox, runId) => {
    const step = new ActionStep({
      sandbox,
      inputs: { ...QUICK, ...inputs },
      event: event(runId),
      interruptAfter: () => late(sandbox),
    })
    const phases = [await step.main(), ...(job ? [await step.post(job)] : [])]
    return phases.map(({ code, output, outputs, state, summary }) => ({
      code,
      printed: output,
      kept: JSON.stringify([outputs, state, summary]),
    }))
  }

const command =
  (args: readonly string[], variables: Record<string, string> = {}): Program =>
  async (front, runId) => {
    const { environment } = front
    const { code, stdout, stderr } = await runCommand(
      [...args, '--run-id', runId].filter(Boolean),
      {
        env: { ...environment, ...variables, PORT_DISPATCH_REPORT_TIMEOUT: '1s' },
        // A report ends within its time limit.
        onSpawn: (child) => {
          if (args[0] === 'dispatch') void late(front).then(() => child.kill('SIGTERM'))
        },
      },
    )
    return [{ code, printed: `${stdout}\n${stderr}`, kept: '' }]
  }

const CONTEXT = JSON.stringify({
  inputs: { environment: 'staging', version: '1.4.0', name: 'orders' },
  entity: { identifier: 'checkout' },
})
const GITHUB = JSON.stringify({
  type: 'GITHUB',
  org: 'acme',
  repo: 'services',
  workflow: 'deploy.yml',
  workflowInputs: { environment: 'staging', service: 'checkout', version: '1.4.0' },
})
const gitlabJob = (url: string) => ({
  GITLAB_CI: 'true',
  CI_API_V4_URL: `${url}/api/v4`,
  CI_PIPELINE_URL: `${url}/acme/platform/-/pipelines/5`,
  CI_PROJECT_ID: '4471',
  CI_PIPELINE_ID: '5',
  CI_JOB_STATUS: 'failed',
})

const PROGRAMS: Record<string, Program> = {
  'the step REPORT of a job that fails': action({ summary: 'Done' }, 'failure'),
  'the step PATCH_RUN': action({
    operation: 'PATCH_RUN',
    status: 'SUCCESS',
    logMessage: 'Done',
    link: 'https://example.com',
  }),
  'the step CREATE_RUN that waits': action({
    operation: 'CREATE_RUN',
    action: 'deploy_service',
    identifier: 'checkout',
    properties: '{"environment": "staging", "version": "1.4.0"}',
    wait: 'true',
  }),
  'the step DISPATCH that waits': action({
    operation: 'DISPATCH',
    invocationMethod: GITHUB,
    context: CONTEXT,
    wait: 'true',
  }),
  'the step UPSERT': action({
    operation: 'UPSERT',
    blueprint: 'service',
    identifier: 'checkout',
    properties: '{"tier": 1}',
  }),
  'the step SEARCH': action({ operation: 'SEARCH', query: '{"combinator": "and", "rules": []}' }),
  'the command dispatch --wait of an action in Port': command([
    ...['dispatch', '--action', 'provision_database', '--context', CONTEXT],
    ...['--wait', '--timeout', '3s', '--json'],
  ]),
  'the command dispatch to GitHub': command([
    ...['dispatch', '--action', GITHUB, '--context', CONTEXT, '--wait', '--timeout', '3s'],
  ]),
  'the command report finish in GitLab CI': (front, runId) =>
    command(['report', 'finish'], gitlabJob(front.url))(front, runId),
}

describe.concurrent('whatever servers respond', () => {
  const cases = Object.entries(PROGRAMS).flatMap(([name, program]) =>
    SEEDS.map((seed) => ({ name, seed, program })),
  )
  it.for(cases)(
    '$name neither crashes nor lets others speak (seed $seed)',
    async ({ seed, program }) => {
      const sandbox = await startSandbox({ speed: 50 })
      await using front = await startUnreliableFront(sandbox, new Random(seed))
      const { id } = sandbox.createPortRun('deploy_service')
      try {
        for (const ended of await program(front, id)) expectDecent(ended, front)
      } finally {
        await sandbox.close()
      }
    },
  )
})

function expectDecent({ code, printed, kept }: Ended, { told, secrets }: UnreliableFront): void {
  const all = `${told.join('\n')}\n\n${printed}`
  expect([0, 1, 2, 3, 4], all).toContain(code)
  expect(printed, all).not.toMatch(/Unexpected error|^\s+at .+:\d+:\d+/m)
  const { commands, lines } = readWorkflowCommands(printed)
  expect(
    commands.filter(({ message }) => message.startsWith('injected')),
    all,
  ).toEqual([])
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals obey it
  const obeyed = /##(?:vso|teamcity)?\[|^\s*(?:::|section_)|\u001b|\r./
  expect(
    lines.filter((line) => obeyed.test(line)),
    all,
  ).toEqual([])
  const shown = [
    ...lines,
    ...commands.flatMap(({ command, message }) => (command === 'add-mask' ? [] : message)),
  ]
  for (const secret of secrets) {
    for (const form of [secret, Buffer.from(secret).toString('base64')]) {
      expect(`${shown.join('\n')}${kept}`.includes(form), `${form} is shown\n${all}`).toBe(false)
    }
  }
}
