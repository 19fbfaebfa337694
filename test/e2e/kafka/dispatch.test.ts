import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { verify } from '@port-dispatch/core/port'
import { defaultDefinition, type Sandbox, startSandbox } from '@port-dispatch/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Broker, brokerMissing, PASSWORD, USER } from '../../support/kafka/broker.ts'
import { ActionStep } from '../../support/run-action.ts'
import { runCommand } from '../../support/run-command.ts'

const missing = brokerMissing()

describe
  .skipIf(missing)
  .concurrent('a dispatch to Kafka produces a message', { timeout: 120_000 }, () => {
    let broker: Broker
    let sandbox: Sandbox

    beforeAll(async () => {
      broker = await Broker.start('plain-and-sasl')
      sandbox = await startSandbox()
      await broker.createTopic('org_1.runs')
    }, 200_000)

    afterAll(async () => {
      await sandbox?.close()
      await broker?.[Symbol.asyncDispose]()
    })

    interface Dispatch {
      payload?: Record<string, unknown>
      inputs?: Record<string, unknown>
      flags?: string[]
      env?: Record<string, string>
    }

    function dispatch({ payload, inputs = {}, flags = [], env = {} }: Dispatch) {
      const { id } = sandbox.createPortRun('deploy_service', { id: `r_${randomUUID()}` })
      const action = JSON.stringify({ type: 'KAFKA', ...(payload && { payload }) })
      const context = JSON.stringify({
        inputs,
        action: { identifier: 'deploy_service' },
        trigger: { by: { orgId: 'org_1' } },
      })
      const args = ['dispatch', '--action', action, '--context', context, '--run-id', id, ...flags]
      const began = Date.now()
      const command = runCommand(args, {
        env: { ...sandbox.environment, KAFKA_BROKERS: broker.plain, ...env },
      }).then((result) => ({ ...result, seconds: (Date.now() - began) / 1000 }))
      return { id, command }
    }

    interface ActionDispatch {
      payload: Record<string, unknown>
      inputs?: Record<string, string>
      env?: Record<string, string>
    }

    const secure = () => ({
      KAFKA_BROKERS: broker.secure,
      KAFKA_SASL_USERNAME: USER,
      KAFKA_SASL_PASSWORD: PASSWORD,
      KAFKA_SSL_CA: broker.ca,
    })

    /** A step that dispatches, from a copy of the bundle beside which nothing is installed, as on a runner. */
    async function dispatchInAction({ payload, inputs = {}, env = {} }: ActionDispatch) {
      const { id } = sandbox.createPortRun('deploy_service', { id: `r_${randomUUID()}` })
      const actionFolder = await mkdtemp(join(tmpdir(), 'port-dispatch-action-'))
      try {
        await cp('dist', join(actionFolder, 'dist'), { recursive: true })
        const main = await new ActionStep({
          sandbox,
          inputs: {
            operation: 'DISPATCH',
            runId: id,
            invocationMethod: JSON.stringify({ type: 'KAFKA', payload }),
            context: '{"trigger": {"by": {"orgId": "org_1"}}}',
            kafkaBrokers: broker.plain,
            ...inputs,
          },
          env: { NODE_PATH: resolve('node_modules'), ...env },
          actionFolder,
        }).main()
        return { id, main }
      } finally {
        await rm(actionFolder, { recursive: true })
      }
    }

    async function messagesOf(topic: string, key: string) {
      return (await broker.read(topic)).filter((message) => message.key === key)
    }

    it.each(['PLAINTEXT', 'SASL_SSL'])(
      'by %s: once, with the run ID as its key, signed, and says where it is',
      async (protocol) => {
        const { id, command } = dispatch({
          payload: { service: '{{ .inputs.service }}', text: 'é "quoted"' },
          inputs: { service: 'checkout' },
          env: protocol === 'SASL_SSL' ? secure() : {},
        })

        const { code, stderr } = await command

        expect({ code, stderr }).toMatchObject({ code: 0 })
        const [message, ...others] = await messagesOf('org_1.runs', id)
        expect(others).toEqual([])
        const { partition, offset, value = '', headers = {} } = message ?? {}
        expect(value).toBe('{"service":"checkout","text":"é \\"quoted\\""}')
        expect(headers).toMatchObject({ 'x-port-run-id': id, 'x-port-action': 'deploy_service' })
        const secrets = sandbox.environment.PORT_CLIENT_SECRET ?? ''
        expect(verify({ secrets, headers, body: value })).toMatchObject({
          valid: true,
          form: 'raw',
        })
        const line = `Produced the message to topic org_1.runs, partition ${partition}, offset ${offset}. The consumer reports how the run ends.`
        expect(stderr).toContain(line)
        expect(sandbox.portRun(id)).toMatchObject({
          status: 'IN_PROGRESS',
          logs: [{ message: line }],
        })
      },
    )

    it("with Port's run message, if the action has no payload", async () => {
      const { id, command } = dispatch({ inputs: { text: '{{ .run.id }}' } })

      expect(await command).toMatchObject({ code: 0 })
      const [{ value } = { value: '{}' }] = await messagesOf('org_1.runs', id)
      expect(JSON.parse(value)).toMatchObject({
        action: 'deploy_service',
        resourceType: 'run',
        context: { runId: id },
        payload: {
          properties: { text: '{{ .run.id }}' },
          action: { invocationMethod: { type: 'KAFKA' } },
        },
      })
    })

    it('to the topic that --topic names', async () => {
      await broker.createTopic('deployments')

      const { id, command } = dispatch({ payload: { a: 1 }, flags: ['--topic', 'deployments'] })

      expect(await command).toMatchObject({ code: 0 })
      expect(await messagesOf('deployments', id)).toHaveLength(1)
    })

    it('by the credentials that Port gives, where there are none', async () => {
      const kafka = { brokers: [broker.secure], username: USER, password: PASSWORD }
      const definition = { port: { ...defaultDefinition.port, kafka } }
      const port = await startSandbox({ definition })
      const env = { ...port.environment, KAFKA_BROKERS: '', KAFKA_SSL_CA: broker.ca }

      const { id, command } = dispatch({ payload: { a: 1 }, env, flags: ['--no-report'] })

      expect(await command).toMatchObject({ code: 0 })
      expect(await messagesOf('org_1.runs', id)).toHaveLength(1)
      await port.close()
    })

    it('in a step of the action, to the topic that kafkaTopic names', async () => {
      await broker.createTopic('from-the-action')

      const { id, main } = await dispatchInAction({
        payload: { a: 1 },
        inputs: { kafkaTopic: 'from-the-action' },
      })

      expect(main).toMatchObject({
        code: 0,
        outputs: { status: 'IN_PROGRESS', runId: id },
        log: [expect.stringMatching(/^Produced the message to topic from-the-action, partition/)],
      })
      const [message, ...others] = await messagesOf('from-the-action', id)
      expect(others).toEqual([])
      const { value = '', headers = {} } = message ?? {}
      expect(value).toBe('{"a":1}')
      const secrets = sandbox.environment.PORT_CLIENT_SECRET ?? ''
      expect(verify({ secrets, headers, body: value })).toMatchObject({ valid: true })
      expect(sandbox.portRun(id)).toMatchObject({ status: 'IN_PROGRESS' })
    })

    it.each(['text', 'file'])(
      'in a step of the action, with a password and the %s of a certificate',
      async (form) => {
        const kafkaCa = form === 'text' ? broker.ca : join(broker.folder, 'ca.pem')
        const inputs = { kafkaBrokers: broker.secure, kafkaUsername: USER, kafkaCa }

        const { id, main } = await dispatchInAction({
          payload: { a: 1 },
          inputs: { ...inputs, kafkaPassword: PASSWORD },
        })

        expect(main).toMatchObject({ code: 0, masks: expect.arrayContaining([PASSWORD]) })
        expect(await messagesOf('org_1.runs', id)).toHaveLength(1)
      },
    )

    it('in a step of the action, and names the inputs that are wrong', async () => {
      const { id, main } = await dispatchInAction({
        payload: { a: 1 },
        inputs: {
          kafkaBrokers: broker.secure,
          kafkaUsername: USER,
          kafkaPassword: 'not-the-password',
          kafkaCa: broker.ca,
        },
      })

      expect(main).toMatchObject({
        code: 1,
        annotations: [
          expect.stringContaining(
            'the broker does not accept the user name and password. Check kafkaUsername and kafkaPassword.',
          ),
        ],
      })
      expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE', statusLabel: 'Not started' })
    })

    it('in a step of the action, only where the client is installed', async () => {
      const { id, main } = await dispatchInAction({ payload: { a: 1 }, env: { NODE_PATH: '' } })

      expect(main).toMatchObject({
        code: 1,
        annotations: [expect.stringMatching(/^error: .*@platformatic\/kafka: is not installed/s)],
      })
      expect(await messagesOf('org_1.runs', id)).toEqual([])
    })

    it('as the example does', async () => {
      await broker.createTopic('access-reviews')
      const folder = 'examples/audit-trail'
      const files = ['--action', `${folder}/action.json`, '--context', `${folder}/context.json`]

      const { code } = await runCommand(
        ['dispatch', '--no-report', ...files, '--topic', 'access-reviews'],
        { env: { KAFKA_BROKERS: broker.plain } },
      )

      expect(code).toBe(0)
      const [message] = await broker.read('access-reviews')
      const rendered = JSON.parse(readFileSync(`${folder}/rendered.json`, 'utf8'))
      expect(JSON.parse(message?.value ?? '')).toEqual(rendered.payload)
    })

    it('and with --dry-run checks the topic, and produces nothing', async () => {
      const { id, command } = dispatch({ payload: { a: 1 }, flags: ['--dry-run'] })

      const { code, stdout } = await command

      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toEqual({
        backend: 'KAFKA',
        target: 'topic org_1.runs',
        brokers: [broker.plain],
        topic: 'org_1.runs',
        key: id,
        payload: { a: 1 },
      })
      expect(await messagesOf('org_1.runs', id)).toEqual([])
    })

    describe('and says soon what is wrong', () => {
      it.each<[string, number, string, () => Partial<Dispatch>]>([
        [
          'a topic that does not exist',
          2,
          '--topic: the topic "nope" does not exist at 127.0.0.1:',
          () => ({ flags: ['--topic', 'nope'] }),
        ],
        [
          'a topic whose name cannot be one',
          2,
          '--topic: found "no/pe"; expected letters, digits, ".", "_" and "-", at most 249',
          () => ({ flags: ['--topic', 'no/pe'] }),
        ],
        [
          'a wrong password',
          3,
          'the broker does not accept the user name and password. Check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.',
          () => ({ env: { ...secure(), KAFKA_SASL_PASSWORD: 'not-the-password' } }),
        ],
        [
          'another way to authenticate',
          3,
          'the broker does not offer this way to authenticate. Check KAFKA_SASL_MECHANISM.',
          () => ({ env: { ...secure(), KAFKA_SASL_MECHANISM: 'PLAIN' } }),
        ],
        [
          'a certificate that nobody vouches for',
          3,
          'the certificate of the broker is not trusted (SELF_SIGNED_CERT_IN_CHAIN). Give the certificate of its authority as KAFKA_SSL_CA.',
          () => ({ env: { ...secure(), KAFKA_SSL_CA: '' } }),
        ],
        [
          'no encryption where it is required',
          3,
          'the broker requires TLS at this address. Set KAFKA_SECURITY_PROTOCOL to SSL.',
          () => ({ env: { KAFKA_BROKERS: broker.secure } }),
        ],
        [
          'encryption where there is none',
          3,
          'the broker closed the connection during the TLS handshake (ECONNRESET).',
          () => ({ env: { ...secure(), KAFKA_BROKERS: broker.plain } }),
        ],
        [
          'a user name where there is none',
          3,
          'the broker does not take a user name and a password at this address.',
          () => ({
            env: {
              KAFKA_SASL_USERNAME: USER,
              KAFKA_SASL_PASSWORD: 'not-the-password',
              KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
            },
          }),
        ],
        [
          'a message that is too large',
          3,
          'is larger than the topic allows (MESSAGE_TOO_LARGE). Shorten the payload, or raise max.message.bytes of the topic.',
          () => ({ flags: ['--topic', 'small'], payload: { text: 'x'.repeat(5_000) } }),
        ],
        [
          'a broker that is away',
          3,
          'Kafka at 127.0.0.1:1: the connection was refused (ECONNREFUSED).',
          () => ({ env: { KAFKA_BROKERS: '127.0.0.1:1' } }),
        ],
        [
          'a host that is unknown',
          3,
          'the host name is unknown (ENOTFOUND)',
          () => ({ env: { KAFKA_BROKERS: 'no-such-host.invalid:9092' } }),
        ],
        [
          'a protocol that there is not',
          2,
          'KAFKA_SECURITY_PROTOCOL: found "TLS"; expected SASL_SSL, SASL_PLAINTEXT, SSL, PLAINTEXT',
          () => ({ env: { KAFKA_SECURITY_PROTOCOL: 'TLS' } }),
        ],
      ])('%s', async (what, code, message, given) => {
        if (what.includes('too large')) {
          await broker.createTopic('small', { 'max.message.bytes': '1000' })
        }
        const { id, command } = dispatch({ payload: { a: 1 }, ...given() })

        const result = await command

        expect(result).toMatchObject({ code, stderr: expect.stringContaining(message) })
        // 15 s, and what it takes to start processes on a busy machine.
        expect(result.seconds).toBeLessThan(90)
        expect(await messagesOf('org_1.runs', id)).toEqual([])
        const ended = { status: 'FAILURE', statusLabel: 'Not started' }
        expect(sandbox.portRun(id)).toMatchObject(code === 3 ? ended : { status: 'IN_PROGRESS' })
      })
    })
  })
