import type { Setting } from '@port-dispatch/core'
import { VARIABLES } from '@port-dispatch/dispatcher/host'

/** What the users of the command call a setting: its flag, or the variable of a secret or an address. */
const NAMES: Readonly<Record<Setting, string>> = {
  ...VARIABLES,
  'webhook.allowHosts': '--allow-host',
  'webhook.timeout': '--request-timeout',
  'webhook.retry': '--retry-webhook',
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
