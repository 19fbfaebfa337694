import { InputError, isJsonObject, type JsonObject, phrase, setting } from '@port-dispatch/core'
import type { RenderedKafkaMethod } from '@port-dispatch/core/action'
import { signatureHeaders } from '@port-dispatch/core/port'
import type { Plan } from '../backend.ts'
import { renderRunMessage } from '../run-message.ts'
import { checkTopicName } from './check-settings.ts'
import type { KafkaClient } from './client.ts'

export interface KafkaPlanOptions {
  /** What templates see: the run message is made of it, and it names the organization, whose topic is the default. */
  context: JsonObject
  portRunId: string | undefined
  follow: boolean | undefined
  signal: AbortSignal | undefined
}

/**
 * Plans a message to a topic.
 *
 * @throws InputError if the topic is not known or does not exist, BackendError if the broker cannot be reached or refuses
 */
export async function planKafka(
  method: RenderedKafkaMethod,
  client: KafkaClient,
  { context, portRunId, follow, signal }: KafkaPlanOptions,
): Promise<Plan> {
  const { clientSecret, brokers } = client.connection
  const topic = client.connection.topic ?? topicOf(context)
  checkTopicName(topic)
  const payload = method.payload ?? (await renderRunMessage(method, context, portRunId))
  await client.checkTopic(topic, signal)
  const value = JSON.stringify(payload)
  const action = isJsonObject(context.action) ? context.action.identifier : undefined
  return {
    type: 'KAFKA',
    backend: 'Kafka',
    target: `topic ${topic}`,
    startLabel: 'Sending to Kafka',
    preview: { brokers: [...brokers], topic, key: portRunId ?? null, payload },
    notes: [
      ...(clientSecret
        ? []
        : ['The message is not signed, because there is no client secret of Port.']),
      ...(follow
        ? ['A message to Kafka cannot be waited for: its consumer reports how the run ends.']
        : []),
    ],
    endsPortRun: false,
    unsettled: `It is unknown whether topic ${topic} has the message.`,
    start: async (startSignal) => {
      const headers = {
        ...(portRunId !== undefined && { 'x-port-run-id': portRunId }),
        ...(typeof action === 'string' && { 'x-port-action': action }),
        ...(clientSecret &&
          signatureHeaders({
            secret: clientSecret,
            timestamp: Math.floor(client.clock.now() / 1000),
            body: value,
          })),
      }
      const { partition, offset } = await client.produce(
        { topic, key: portRunId, value, headers },
        startSignal,
      )
      return {
        type: 'accepted',
        message: `Produced the message to topic ${topic}, partition ${partition}, offset ${offset}. The consumer reports how the run ends.`,
      }
    },
  }
}

/** The topic of Port's own runs: see {@link KafkaPlanOptions.context}. */
function topicOf({ trigger }: JsonObject): string {
  const by = isJsonObject(trigger) ? trigger.by : undefined
  const orgId = isJsonObject(by) ? by.orgId : undefined
  if (typeof orgId === 'string' && orgId !== '') return `${orgId}.runs`
  throw new InputError('The action cannot be dispatched:', [
    {
      setting: 'kafka.topic',
      found: 'is missing',
      missing: true,
      advice: phrase`The context does not name an organization (trigger.by.orgId) whose topic would be taken. Give a topic with ${setting('kafka.topic')}`,
    },
  ])
}
