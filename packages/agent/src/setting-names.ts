import type { Setting } from '@port-dispatch/core'
import { VARIABLES } from '@port-dispatch/dispatcher/host'

/** The variables of the agent. */
const NAMES: Partial<Record<Setting, string>> = {
  ...VARIABLES,
  'webhook.allowHosts': 'PORT_DISPATCH_ALLOW_HOSTS',
  'webhook.timeout': 'PORT_DISPATCH_REQUEST_TIMEOUT',
  'webhook.retry': 'PORT_DISPATCH_RETRY_WEBHOOK',
  'kafka.topic': 'PORT_DISPATCH_TOPIC',
  timeout: 'PORT_DISPATCH_FOLLOW_TIMEOUT',
  jqTimeout: 'PORT_DISPATCH_JQ_TIMEOUT',
}

/** What a user of the agent calls a setting. */
export function settingName(setting: Setting): string {
  return NAMES[setting] ?? setting
}
