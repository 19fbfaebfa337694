// A Port, a target and perhaps a broker, in which an agent finds runs as Port hands them out.
import type { JsonObject } from '@port-dispatch/core'
import { signMessage } from '@port-dispatch/core/port'
import {
  defaultDefinition,
  type NodeRun,
  type PortRun,
  type Sandbox,
  startSandbox,
} from '@port-dispatch/sandbox'
import type { Broker } from '../../../support/kafka/broker.ts'
import { type Received, Receiver } from '../../../support/receiver.ts'

/** A run of an action with `agent: true`. */
export interface GivenRun {
  /** Begins the path of its URL, and ends its run id. */
  name: string
  /** Of an action, or of a node of a workflow. Default: `action`. */
  of?: 'action' | 'node'
  /** Type and all that it has besides a URL; `url` is what follows the name. */
  method?: { type?: string; url?: string; synchronized?: boolean } & JsonObject
  /** The user inputs. */
  properties?: JsonObject
  /** What the target responds. Default: 200 and no body. */
  responds?: { status: number; body?: unknown }
}

const ORG = defaultDefinition.port.organization
const [CREDENTIALS] = defaultDefinition.port.credentials
export const SECRET = CREDENTIALS?.clientSecret ?? ''

/** `{GROUP}_{PROJECT}` is the variable with the trigger token. */
const GITLAB = { groupName: 'acme/platform', projectName: 'shop' } as const
const TRIGGER_TOKEN = 'glptt-of-the-shop'

/** What GitLab responds to its trigger API. */
const PIPELINE = {
  id: 7,
  iid: 1,
  project_id: 3,
  status: 'created',
  ref: 'main',
  web_url: 'https://gitlab.example.com/acme/platform/shop/-/pipelines/7',
}

export class Place {
  readonly sandbox: Sandbox
  readonly target: Receiver
  readonly #name: string
  readonly #broker: Broker | undefined

  private constructor(parts: {
    name: string
    sandbox: Sandbox
    target: Receiver
    broker: Broker | undefined
  }) {
    this.sandbox = parts.sandbox
    this.target = parts.target
    this.#name = parts.name
    this.#broker = parts.broker
  }

  /** @param broker for Kafka, with the topics of this name */
  static async create(
    name: string,
    runs: readonly GivenRun[],
    changes: readonly string[],
    broker: Broker | undefined,
  ): Promise<Place> {
    const target = await Receiver.start((response, { path }) => {
      const { status, body = '' } = path.startsWith('/api/v4/')
        ? { status: 201, body: PIPELINE }
        : (runs.find(({ name }) => isOf(path, name))?.responds ?? { status: 200 })
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(body === '' ? '' : JSON.stringify(body))
    })
    const sandbox = await startSandbox({
      definition: {
        ...defaultDefinition,
        port: {
          ...defaultDefinition.port,
          runs: [],
          actions: runs.map((run) => ({
            identifier: run.name,
            trigger: { type: 'self-service', userInputs: { properties: {} } },
            invocationMethod: { ...methodOf(run, target), body: messageOf(run) },
          })),
        },
      },
    })
    for (const run of runs) {
      if (run.of === 'node')
        sandbox.createNodeRun({
          identifier: runId(run),
          node: run.name,
          config: methodOf(run, target),
        })
      else sandbox.createPortRun(run.name, { id: runId(run) })
    }
    const written = (messages: readonly JsonObject[]) =>
      messages.map((message) => ({ value: JSON.stringify(message) }))
    const { runs: runsTopic, changes: changesTopic } = topicsOf(name)
    await broker?.produce(runsTopic, written(runs.map((run) => signedMessageOf(run, target))))
    await broker?.produce(changesTopic, written(changes.map((change) => changeOf(change, target))))
    return new Place({ name, sandbox, target, broker })
  }

  /** What an installation of port-agent has in its environment. */
  get environment(): Record<string, string> {
    return {
      PORT_ORG_ID: ORG,
      PORT_CLIENT_ID: CREDENTIALS?.clientId ?? '',
      PORT_CLIENT_SECRET: SECRET,
      PORT_API_BASE_URL: this.sandbox.url,
      STREAMER_NAME: this.#broker ? 'KAFKA' : 'POLLING',
      POLLING_INTERVAL_SECONDS: '1',
      POLLING_RUNS_BATCH_SIZE: '100',
      KAFKA_CONSUMER_GROUP_ID: `${ORG}.${this.#name}`,
      KAFKA_CONSUMER_SECURITY_PROTOCOL: 'plaintext',
      KAFKA_CONSUMER_AUTHENTICATION_MECHANISM: 'none',
      KAFKA_CONSUMER_AUTO_OFFSET_RESET: 'earliest',
      KAFKA_CONSUMER_SESSION_TIMEOUT_MS: '45000',
      KAFKA_RUNS_TOPIC: topicsOf(this.#name).runs,
      KAFKA_CHANGE_LOG_TOPIC: topicsOf(this.#name).changes,
      ...(this.#broker && {
        USING_LOCAL_PORT_INSTANCE: 'true',
        KAFKA_CONSUMER_BOOTSTRAP_SERVERS: this.#broker.plain,
      }),
      GITLAB_URL: `${this.target.url}/`,
      acme_platform_shop: TRIGGER_TOKEN,
      WEBHOOK_INVOKER_TIMEOUT: '30',
      WEBHOOK_VERIFY_SSL: 'true',
      DETAILED_LOGGING: 'false',
      LOG_LEVEL: 'INFO',
    }
  }

  run(run: GivenRun): Readonly<PortRun | NodeRun> | undefined {
    const id = runId(run)
    return run.of === 'node' ? this.sandbox.nodeRun(id) : this.sandbox.portRun(id)
  }

  requestsOf(name: string): Received[] {
    const project = encodeURIComponent(`${GITLAB.groupName}/${GITLAB.projectName}`)
    return this.target.received.filter(
      ({ path, body }) =>
        isOf(path, name) || (path.includes(project) && body.includes(`"r_${name}"`)),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]()
    await this.sandbox.close()
  }
}

export function topicsOf(name: string) {
  return { runs: `${name}.runs`, changes: `${name}.change.log` }
}

function runId({ name, of }: GivenRun): string {
  return `${of === 'node' ? 'wfnr' : 'r'}_${name}`
}

function isOf(path: string, name: string): boolean {
  return path.split(/[/?]/)[1] === name
}

function methodOf({ name, method = {} }: GivenRun, target: Receiver): JsonObject {
  const { type = 'WEBHOOK', url = '', ...rest } = method
  if (type === 'GITLAB') return { type, agent: true, ...GITLAB, ...rest }
  return {
    type,
    agent: true,
    synchronized: false,
    method: 'POST',
    headers: { 'x-of-the-action': '1' },
    url: `${target.url}/${name}${url}`,
    ...rest,
  }
}

/** What Port makes of an action that has no body of its own, as far as a target would notice. */
function messageOf(run: GivenRun): JsonObject {
  const { name, properties = {} } = run
  return {
    action: name,
    resourceType: 'run',
    status: 'TRIGGERED',
    trigger: {
      by: { orgId: ORG, userId: 'user_1', user: { email: 'jo@example.com' } },
      origin: 'UI',
      at: '2026-01-01T00:00:00.000Z',
    },
    context: { entity: null, blueprint: 'service', runId: runId(run) },
    payload: { entity: null, properties, censoredProperties: {} },
  }
}

function signedMessageOf(run: GivenRun, target: Receiver): JsonObject {
  const message = messageOf(run)
  const invocationMethod = methodOf(run, target)
  const { headers = {} } = invocationMethod
  const payload = { ...(message.payload as JsonObject), action: { invocationMethod } }
  return signMessage({
    secret: SECRET,
    timestamp: 1_760_000_000,
    message: { ...message, headers, payload },
  })
}

/** A change of the catalog, which Port does not sign. */
function changeOf(name: string, target: Pick<Receiver, 'url'>): JsonObject {
  return {
    action: 'UPDATE',
    resourceType: 'entity',
    status: 'SUCCESS',
    context: { blueprint: 'service', entity: name },
    diff: { before: null, after: { identifier: name } },
    changelogDestination: { type: 'WEBHOOK', agent: true, url: `${target.url}/${name}` },
  }
}
