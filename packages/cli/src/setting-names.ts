import type { Setting } from '@port-dispatch/core'
import { VARIABLES } from '@port-dispatch/dispatcher/host'

/** What the users of the command call a setting: its flag, or the variable of a secret or an address. */
const NAMES: Readonly<Record<Setting, string>> = {
  ...VARIABLES,
  'webhook.allowHosts': '--allow-host',
  'webhook.timeout': '--request-timeout',
  'webhook.retry': '--retry-webhook',
  'kafka.brokers': 'KAFKA_BROKERS',
  'kafka.username': 'KAFKA_SASL_USERNAME',
  'kafka.password': 'KAFKA_SASL_PASSWORD',
  'kafka.ca': 'KAFKA_SSL_CA',
  'kafka.topic': '--topic',
  action: '--action',
  context: '--context',
  runId: '--run-id',
  report: '--no-report',
  reportTimeout: '--report-timeout',
  strict: '--strict',
  wait: '--wait',
  timeout: '--timeout',
  jqTimeout: '--jq-timeout',
  again: '--again',
}

export function settingName(setting: Setting): string {
  return NAMES[setting]
}
