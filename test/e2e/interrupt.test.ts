import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { PortServer } from '../../packages/core/test/port/port-server.ts'
import { startCheckedSandbox } from '../contracts/checked-sandbox.ts'
import { runCommand } from '../support/run-command.ts'

const RUN = 'r_DeployService002'
const FILES = [
  '--action',
  'examples/deploy-service/action.json',
  '--context',
  'examples/deploy-service/context-failing.json',
]

/** Stops a dispatch with a signal at the moment when its nth request is answered. */
async function interruptedAt(
  request: number,
  signal: NodeJS.Signals,
  onCancel: 'cancel' | 'leave',
) {
  let child: ChildProcess | undefined
  let seen = 0
  const sandbox = await startCheckedSandbox({
    // Slow, so that no run ends before the process is stopped, however busy the machine is.
    speed: 0.1,
    onExchange: () => {
      if (++seen === request) child?.kill(signal)
    },
  })
  try {
    const { code, stderr } = await runCommand(
      ['dispatch', ...FILES, '--wait', '--on-cancel', onCancel],
      {
        env: sandbox.environment,
        onSpawn: (process) => {
          child = process
        },
      },
    )
    if (onCancel === 'cancel') {
      // A cancelled run takes a moment to end.
      while (sandbox.githubRuns('acme/services')[0]?.conclusion === null) await sleep(50)
    }
    const started = sandbox.githubRuns('acme/services')
    return { code, stderr, started, run: sandbox.portRun(RUN) }
  } finally {
    await sandbox.close()
  }
}

describe.concurrent('a dispatch that is interrupted', () => {
  // Default branch, token, look at the Port run, first change, dispatch, first reading, link, further readings.
  it.for([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'at request %i leaves Port with the truth',
    async (request) => {
      const { code, stderr, started, run } = await interruptedAt(request, 'SIGTERM', 'leave')
      if (started.length === 0) {
        expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
      } else {
        expect(started).toHaveLength(1)
        expect(run).toMatchObject({
          status: 'IN_PROGRESS',
          statusLabel: 'Still running (no longer tracked)',
          link: started[0]?.url,
        })
        expect(stderr).toContain('It was left running')
      }
      expect(code).toBe(1)
    },
  )

  it.for([5, 7, 9])('at request %i cancels the run if told to', async (request) => {
    const { code, started, run } = await interruptedAt(request, 'SIGINT', 'cancel')
    expect(started).toMatchObject([{ conclusion: 'cancelled' }])
    expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
    expect(code).toBe(1)
  })
})

describe('a dispatch after one that was killed when its start was received', () => {
  /** What a step sees that runs the command again when it failed. */
  const JOB = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'acme/automation',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
  }

  it.for([
    ['another process', {}],
    ['the same attempt of a job of GitHub', JOB],
  ] as const)(
    'takes over the run that was started, and follows it to its end: in %s',
    async ([, variables]) => {
      let child: ChildProcess | undefined
      let kills = 0
      const sandbox = await startCheckedSandbox({
        speed: 20,
        // The response has not been sent yet: nobody has learned which run was started.
        onExchange: ({ method, path }) => {
          if (method === 'POST' && path.endsWith('/dispatches') && child?.kill('SIGKILL')) kills++
        },
      })
      const command = ['dispatch', ...FILES, '--wait']
      const options = { env: { ...sandbox.environment, ...variables } }
      try {
        const killed = await runCommand(command, {
          ...options,
          onSpawn: (process) => {
            child = process
          },
        })
        child = undefined
        expect(killed.code).toBeNull()
        expect(kills).toBe(1)
        expect(sandbox.portRun(RUN)).toMatchObject({
          status: 'IN_PROGRESS',
          statusLabel: 'Starting on GitHub',
        })
        expect(sandbox.portRun(RUN)?.externalRunId).toBeUndefined()

        const { code, stderr } = await runCommand(command, options)
        const started = sandbox.githubRuns('acme/services')
        expect(started).toHaveLength(1)
        expect(stderr).toContain('Taking over acme/services/deploy.yml')
        expect(sandbox.portRun(RUN)).toMatchObject({ status: 'FAILURE', link: started[0]?.url })
        expect(code).toBe(1)
      } finally {
        await sandbox.close()
      }
    },
  )
})

describe('a report that is interrupted', () => {
  it.for(['finish', 'update'])('while Port is away is sent all the same (%s)', async (stage) => {
    const port = await PortServer.start()
    try {
      const run = port.addRun(RUN)
      let child: ChildProcess | undefined
      port.fault = ({ path }) => {
        if (!path.includes(RUN) || child?.killed) return undefined
        child?.kill('SIGTERM')
        return { status: 503 }
      }
      const status = stage === 'finish' ? ['--status', 'FAILURE'] : []
      const { code, stderr } = await runCommand(
        ['report', stage, '--run-id', RUN, '--log', 'Out of disk', ...status],
        {
          env: {
            PORT_BASE_URL: port.url,
            PORT_CLIENT_ID: 'id',
            PORT_CLIENT_SECRET: 'a-client-secret',
          },
          onSpawn: (process) => {
            child = process
          },
        },
      )
      expect(stderr).toContain('SIGTERM')
      expect(code).toBe(0)
      expect(port.logsOf(RUN)).toEqual(['Out of disk'])
      expect(run.status).toBe(stage === 'finish' ? 'FAILURE' : 'IN_PROGRESS')
    } finally {
      await port.close()
    }
  })
})
