import { type JsonObject, silentLogger } from '@port-dispatch/core'
import { parseAction, parseTriggerData } from '@port-dispatch/core/action'
import { type PortClient, type PortRun, reporterFor } from '@port-dispatch/core/port'
import { statusLabel } from '@port-dispatch/core/run'
import { Dispatcher, dispatching } from '@port-dispatch/dispatcher'
import {
  connectionsFromEnvironment,
  createHttp,
  type Environment,
  portClient,
} from '@port-dispatch/dispatcher/host'
import { type PortAction, type Sandbox, startSandbox } from '@port-dispatch/sandbox'
import type { Command } from 'commander'
import { settingName } from '../setting-names.ts'
import { style } from '../terminal.ts'

interface Story {
  title: string
  action: string
  inputs: JsonObject
  entity?: string
}

const STORIES: Story[] = [
  {
    title: 'A person deploys a service. The action runs a GitHub workflow.',
    action: 'deploy_service',
    entity: 'checkout',
    inputs: { environment: 'staging', version: '1.4.0', ref: 'release' },
  },
  {
    title: 'A person orders a database. The action runs a GitLab pipeline.',
    action: 'provision_database',
    inputs: { name: 'orders', environment: 'staging', size_gb: 20 },
  },
  {
    title: 'A deployment fails. The run in Port says where.',
    action: 'deploy_service',
    entity: 'checkout',
    inputs: { environment: 'broken', version: '1.4.0' },
  },
  {
    title: 'A person restarts a service. The action calls a webhook, whose response ends the run.',
    action: 'restart_service',
    entity: 'checkout',
    inputs: { environment: 'staging' },
  },
]

/** The action of the last story. Its webhook is received by the sandbox, whose address is known once it runs. */
function restartService({ url }: Sandbox): PortAction {
  return {
    identifier: 'restart_service',
    title: 'Restart a service',
    trigger: {
      type: 'self-service',
      operation: 'DAY-2',
      blueprintIdentifier: 'service',
      userInputs: { properties: { environment: { type: 'string' } }, required: ['environment'] },
    },
    invocationMethod: {
      type: 'WEBHOOK',
      url: `${url}/webhooks/restart/{{ .inputs.environment }}?status=200`,
      agent: true,
      synchronized: true,
      body: { service: '{{ .entity.identifier }}', runId: '{{ .run.id }}' },
    },
  }
}

const TIMEOUT_MS = 60_000

/** `port-dispatch demo`: the main job, four times, on the sandbox. */
export function configure(command: Command): void {
  command.action(demo)
}

async function demo(): Promise<void> {
  const sandbox = await startSandbox()
  try {
    say(
      `The sandbox stands in for Port, GitHub, GitLab and a receiver of webhooks at ${sandbox.url}.`,
    )
    const port = portClient(sandbox.environment)
    await createAction(restartService(sandbox), sandbox, port)
    for (const [index, story] of STORIES.entries()) {
      say(`\n${style('bold', `${index + 1}. ${story.title}`)}`)
      const runId = await tell(story, port, sandbox.environment)
      const run = sandbox.portRun(runId)
      if (run) showRun(await port.runs.get(runId), run)
    }
    say(
      '\nTo do it yourself, step by step: https://github.com/port-dispatch/port-dispatch/blob/main/docs/tour.md',
    )
  } finally {
    await sandbox.close()
  }
}

/** As in Port, where somebody has created the action before. */
async function createAction(action: PortAction, { url }: Sandbox, port: PortClient): Promise<void> {
  const response = await fetch(`${url}/v1/actions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await port.accessToken()}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(action),
  })
  if (!response.ok) throw new Error(`The sandbox refused the action: ${await response.text()}`)
}

async function tell(story: Story, port: PortClient, env: Environment): Promise<string> {
  const action = parseAction(await port.actions.get(story.action))
  step('action', `${story.action}: ${action.invocationMethod.type}`)
  const run = await port.actions.run(story.action, {
    properties: story.inputs,
    ...(story.entity !== undefined && { entity: story.entity }),
  })
  const steps = dispatching({
    dispatcher: new Dispatcher(connectionsFromEnvironment(env), { http: createHttp(env) }),
    action,
    triggerData: parseTriggerData(triggerDataOf(story, run)),
    reporter: reporterFor(port, run.id),
    wait: { timeout: TIMEOUT_MS, onCancel: 'cancel' },
    logger: {
      ...silentLogger,
      warning: (message) => step('warning', indent(message)),
      settingName,
    },
  })
  let backend = ''
  for await (const happened of steps) {
    if (happened.type === 'rendered') {
      step('payload', indent(JSON.stringify(happened.rendered.method, null, 2)))
    }
    if (happened.type === 'planned') backend = happened.plan.backend.replace(/^a /, '')
    if (happened.type === 'started' && happened.started.type === 'run') {
      step(
        backend,
        `Started ${happened.plan.target} on ${happened.plan.ref}: ${happened.started.run.url}`,
      )
    }
    if (happened.type === 'started' && happened.started.type === 'ended') {
      step(backend, indent(happened.started.message))
    }
    if (happened.type === 'state' && !happened.state.outcome) {
      step(backend, statusLabel(happened.state.status))
    }
    if (happened.type === 'concluded') step(backend, indent(happened.end.message))
  }
  return run.id
}

/** What Port would hand to the templates for this run. */
function triggerDataOf({ action, inputs, entity }: Story, run: PortRun): JsonObject {
  return {
    inputs,
    trigger: {
      by: { orgId: 'org_acme', user: { email: 'ada@example.com', firstName: 'Ada' } },
      origin: 'UI',
      at: new Date().toISOString(),
      operation: entity === undefined ? 'CREATE' : 'DAY-2',
    },
    event: null,
    entity:
      entity === undefined
        ? null
        : { identifier: entity, title: entity, properties: {}, relations: {} },
    action: { identifier: action },
    run: { id: run.id },
    secrets: {},
  }
}

/** @param kept what Port keeps of the run that the client does not read with it */
function showRun(
  run: PortRun,
  kept: { logs: readonly { message: string }[]; response: unknown },
): void {
  const mark = run.status === 'SUCCESS' ? style('green', '✔') : style('red', '✘')
  step('Port', `${mark} run ${run.id}: ${style('bold', run.status)}, ${run.statusLabel}`)
  const lines = [
    ['link', [run.link ?? []].flat().join(' ')],
    ['external id', run.externalRunId],
    ['response', JSON.stringify(kept.response)],
    ...kept.logs.map(({ message }) => ['log', message]),
  ]
  for (const [name, value] of lines)
    if (value) say(`           ${style('dim', `${name}:`)} ${indent(value)}`)
}

function step(name: string, text: string): void {
  say(`  ${style('cyan', name.padEnd(8))} ${text}`)
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n           ')
}

/** The demo is for people, and it is all that this command prints. */
function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
