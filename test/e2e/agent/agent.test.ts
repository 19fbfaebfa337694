import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { runCommand } from '../../support/run-command.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'
import { chaos } from './chaos/chaos.ts'

const QUIET = {
  PORT_DISPATCH_OPERATIONS_LISTEN: '127.0.0.1:0',
  PORT_DISPATCH_CLAIM_INTERVAL: '50ms',
  PORT_DISPATCH_NODE_RUNS: 'no',
}

function file(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'port-dispatch-agent-')), name)
  writeFileSync(path, text)
  return path
}

/** Runs the agent until a condition holds, then asks it to stop. */
async function agentUntil(
  sandbox: Sandbox,
  args: readonly string[],
  condition: () => boolean,
  env: Record<string, string> = {},
) {
  const result = runCommand(['agent', ...args], {
    env: { ...sandbox.environment, ...QUIET, ...env },
    onSpawn: (child) => {
      const timer = setInterval(() => {
        if (!condition()) return
        clearInterval(timer)
        child.kill('SIGTERM')
      }, 50)
      child.once('exit', () => clearInterval(timer))
    },
  })
  const { code, stdout, stderr } = await result
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string })
  return { code, stderr, stdout, lines: lines.map(({ msg }) => msg) }
}

describe.concurrent('port-dispatch agent', () => {
  it('claims the run that waits in the sandbox, executes it, and stops when it is asked to', async ({
    sandbox,
  }) => {
    const run = () => sandbox.portRun('r_RestartDeploy001')
    const { code, stderr, lines } = await agentUntil(sandbox, [], () => run()?.status === 'SUCCESS')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(lines.at(-1)).toBe('The agent has stopped.')
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^SUCCESS: POST http:\/\/\S+\/webhooks\/restart: 200 OK after \d+ ms\.$/,
      ),
    )
    expect(run()).toMatchObject({ statusLabel: '200 OK' })
    expect(sandbox.webhooks).toHaveLength(1)
  })

  it('claims node runs of workflows, and gives later nodes what their webhooks responded', async ({
    sandbox,
  }) => {
    const node = () => sandbox.nodeRun('wfnr_RestartNode001')
    const env = { PORT_DISPATCH_NODE_RUNS: 'true' }
    const { code, stderr } = await agentUntil(
      sandbox,
      [],
      () => node()?.status === 'COMPLETED' && isAcknowledged(sandbox, 'wfnr_RestartNode001'),
      env,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(node()).toMatchObject({ result: 'SUCCESS', output: { response: { status: 200 } } })
    expect(sandbox.webhooks.filter(({ path }) => path.includes('restart-node'))).toHaveLength(1)
  })

  it('executes what a route says, hides the secrets it names, and shares its file with lint', async ({
    sandbox,
  }) => {
    const config = file(
      'port-dispatch.yml',
      `lint: {rules: {run-name: off}}
secrets: [HOOK_TOKEN]
routes:
  - name: Elsewhere
    when: '{{ .action.identifier == "restart_deployment" }}'
    invocationMethod:
      type: WEBHOOK
      url: ${sandbox.url}/webhooks/elsewhere
      headers: {authorization: 'Bearer {{ .secrets.HOOK_TOKEN }}'}
      body: {token: '{{ .secrets.HOOK_TOKEN }}'}
`,
    )
    const env = { HOOK_TOKEN: 'a-token-that-nobody-should-see', PORT_DISPATCH_LOG_PAYLOADS: 'true' }
    const { code, stdout, stderr, lines } = await agentUntil(
      sandbox,
      ['--config', config],
      () => sandbox.portRun('r_RestartDeploy001')?.statusLabel === 'Sent to the receiver',
      env,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(sandbox.webhooks).toMatchObject([
      { path: '/webhooks/elsewhere', headers: { authorization: `Bearer ${env.HOOK_TOKEN}` } },
    ])
    expect(lines).toContain('Executing what route "Elsewhere" says.')
    expect(lines).toContain('Received a run.')
    expect(stdout).not.toContain(env.HOOK_TOKEN)
  })

  it('starts nothing twice and loses nothing when it is killed', async () => {
    const result = await chaos({
      source: 'claim',
      runs: 80,
      agents: 2,
      kills: 4,
      outage: 1_000,
      seed: 7,
      visibility: 15,
    })
    expect(result).toMatchObject({ runs: 80, twice: 0, invented: 0, endedTwice: 0, open: [] })
    expect(result.started).toBeGreaterThan(0)
  })

  it('serves probes and metrics apart from webhooks', async ({ sandbox }) => {
    const ports = await Promise.all([freePort(), freePort()])
    const [operations, hooks] = ports.map((port) => `127.0.0.1:${port}`)
    const answers: { status: number; text: string }[] = []
    let asked = false
    await agentUntil(
      sandbox,
      ['--source', 'webhook', '--listen', hooks ?? '', '--operations-listen', operations ?? ''],
      () => {
        if (!asked && answers.length === 0) {
          asked = true
          void Promise.all(
            ['healthz', 'readyz', 'metrics'].map(async (path) => {
              const response = await fetch(`http://${operations}/${path}`)
              return { status: response.status, text: await response.text() }
            }),
          ).then(
            (all) => void answers.push(...all),
            () => {
              asked = false
            },
          )
        }
        return answers.length > 0
      },
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers[2]?.text).toContain('port_dispatch_agent_runs_in_flight{state="starting"} 0')
  })

  it.for<
    [
      string,
      (sandbox: Sandbox) => { args?: string[]; env?: Record<string, string> },
      number,
      RegExp,
    ]
  >([
    [
      'credentials are missing',
      () => ({ env: { PORT_CLIENT_SECRET: '' } }),
      2,
      /PORT_CLIENT_SECRET: is missing/,
    ],
    [
      'credentials are wrong',
      () => ({ env: { PORT_CLIENT_SECRET: 'wrong-secret' } }),
      3,
      /Check PORT_CLIENT_ID and PORT_CLIENT_SECRET/,
    ],
    [
      'a source does not exist',
      () => ({ args: ['--source', 'kafk'] }),
      2,
      /PORT_DISPATCH_SOURCE: found "kafk"; expected one or more of kafka, claim, webhook/,
    ],
    [
      'the organization has no Kafka',
      () => ({ args: ['--source', 'kafka'], env: { PORT_ORG_ID: 'org_acme' } }),
      2,
      /Port has no Kafka for this organization/,
    ],
    [
      'a port is in use',
      ({ url }) => ({ args: ['--operations-listen', new URL(url).host] }),
      2,
      /is in use/,
    ],
    [
      'the port for webhooks is in use',
      ({ url }) => ({ args: ['--source', 'webhook', '--listen', new URL(url).host] }),
      2,
      /is in use/,
    ],
    [
      'the order is no template',
      () => ({ args: ['--order-by', '{{ .inputs.a '] }),
      2,
      /PORT_DISPATCH_ORDER_BY: .*never closed/,
    ],
    [
      'a mapping has an error',
      () => ({
        env: {
          CONTROL_THE_PAYLOAD_CONFIG_PATH: file('m.json', '[{"enabled": true, "url": ".a |"}]'),
        },
      }),
      2,
      /\[0\]\.url: syntax error/,
    ],
    [
      'a route has an error',
      () => ({
        args: [
          '--config',
          file('r.yml', 'routes: [{when: "{{ .a", invocationMethod: {type: KAFKA}}]'),
        ],
      }),
      2,
      /routes\[0\]\.when/,
    ],
  ])('takes nothing and says why if %s', async ([, setUp, expected, said], { sandbox }) => {
    const { args = [], env = {} } = setUp(sandbox)
    const { code, stderr } = await runCommand(['agent', ...args], {
      env: { ...sandbox.environment, ...QUIET, ...env },
    })
    expect(stderr).toMatch(said)
    expect(code).toBe(expected)
    expect(sandbox.portRun('r_RestartDeploy001')).not.toHaveProperty(
      'statusLabel',
      'Calling the webhook',
    )
    expect(sandbox.webhooks).toEqual([])
  })
})

function isAcknowledged({ exchanges }: Sandbox, id: string): boolean {
  return exchanges.some(
    ({ path, requestText }) => path.endsWith('/ack') && requestText.includes(id),
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
