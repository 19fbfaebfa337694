import type { Setting } from '@port-dispatch/core'

/** What the library calls settings. Users of the command and of the Action know them under other names. */
const LIBRARY_NAMES: Record<Extract<Setting, `${string}.${string}`>, true> = {
  'port.clientId': true,
  'port.clientSecret': true,
  'port.baseUrl': true,
  'github.token': true,
  'github.apiUrl': true,
  'github.appId': true,
  'github.privateKey': true,
  'gitlab.token': true,
  'gitlab.triggerToken': true,
  'gitlab.url': true,
  'webhook.allowHosts': true,
  'webhook.timeout': true,
  'webhook.retry': true,
  'webhook.ca': true,
  'webhook.cert': true,
  'webhook.key': true,
  'kafka.brokers': true,
  'kafka.username': true,
  'kafka.password': true,
  'kafka.ca': true,
  'kafka.mechanism': true,
  'kafka.protocol': true,
  'kafka.topic': true,
}

/** The first name of the library in a text for users. Expressions of workflows (`${{ github.token }}`) are none. */
export function libraryNameIn(text: string): string | undefined {
  const plain = text.replace(/\$\{\{.*?\}\}/g, '')
  const names = Object.keys(LIBRARY_NAMES)
  return names.find((name) =>
    new RegExp(`(?<![\\w.-])${name.replace('.', '\\.')}(?![\\w-])`).test(plain),
  )
}

/** @throws Error if a text for users names a setting as the library does */
export function refuseLibraryNames(text: string): void {
  const name = libraryNameIn(text)
  if (name) throw new Error(`Users do not know "${name}":\n${text}`)
}
