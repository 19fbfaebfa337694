// What others who speak to Kafka share with the backend: how it is reached, and what its failures mean.
export type { KafkaConnection } from '../connections.ts'
export { kafkaSettings } from './client.ts'
export {
  explainKafka,
  isUnknownTopic,
  type KafkaCause,
  type KafkaTarget,
  kafkaCauses,
  kafkaTarget,
} from './failure.ts'
export { type KafkaModule, loadKafka, outliveConnections } from './load-kafka.ts'
export { clientOptions, type KafkaSettings } from './sessions.ts'
export { within } from './within.ts'
