// What the Action says to the runner, and the one place where a step fails.
import { error as annotate, info, notice, setFailed, warning } from '@actions/core'
import { formatError, type Logger, PortDispatchError, type Setting } from '@port-dispatch/core'
import { describeReport, type ReportResult } from '@port-dispatch/core/port'
import { createRedactor, sanitize } from '@port-dispatch/core/text'
import { endProcess } from '@port-dispatch/dispatcher/host'
import { flagInput } from './inputs/inputs.ts'
import { credentialInputs } from './inputs/secrets.ts'

/** What the users of the Action call a setting: the input. */
const NAMES: Readonly<Record<Setting, string>> = {
  'port.clientId': 'clientId',
  'port.clientSecret': 'clientSecret',
  'port.baseUrl': 'baseUrl',
  'github.token': 'githubToken',
  'github.apiUrl': 'GITHUB_API_URL',
  'github.appId': 'githubAppId',
  'github.privateKey': 'githubAppPrivateKey',
  'gitlab.token': 'gitlabToken',
  'gitlab.triggerToken': 'gitlabTriggerToken',
  'gitlab.url': 'gitlabUrl',
  'webhook.allowHosts': 'allowHosts',
  'webhook.timeout': 'requestTimeout',
  'webhook.retry': 'retryWebhook',
  'webhook.ca': 'PORT_DISPATCH_WEBHOOK_CA',
  'webhook.cert': 'PORT_DISPATCH_WEBHOOK_CERT',
  'webhook.key': 'PORT_DISPATCH_WEBHOOK_KEY',
  'kafka.brokers': 'kafkaBrokers',
  'kafka.username': 'kafkaUsername',
  'kafka.password': 'kafkaPassword',
  'kafka.ca': 'kafkaCa',
  'kafka.mechanism': 'KAFKA_SASL_MECHANISM',
  'kafka.protocol': 'KAFKA_SECURITY_PROTOCOL',
  'kafka.topic': 'kafkaTopic',
  action: 'invocationMethod',
  context: 'context',
  runId: 'runId',
  report: 'no clientId and clientSecret',
  reportTimeout: 'reportTimeout',
  strict: 'strict',
  wait: 'wait',
  timeout: 'timeout',
  jqTimeout: 'jqTimeout',
  again: 'again: true',
}

export function settingName(setting: Setting): string {
  return NAMES[setting]
}

/**
 * Writes to the job's log; notices and warnings become annotations of the run. The runner obeys `::command::` at the start
 * of a line and `##[command]` anywhere in it, whoever wrote it.
 */
export const runnerLogger: Logger = {
  info: (message) => info(sanitize(message)),
  notice: (message) => notice(sanitize(message)),
  warning: (message) => warning(sanitize(message)),
  settingName,
}

/** Does the work of the step, and ends the process. */
export async function perform(work: () => Promise<void>): Promise<void> {
  // Node would print the source text around it, which in a bundle is all of it.
  process.once('uncaughtException', (error) => {
    fail(error)
    void endProcess(undefined, [process.stdout])
  })
  try {
    await work()
  } catch (error) {
    fail(error)
  } finally {
    await endProcess(undefined, [process.stdout])
  }
}

function fail(error: unknown): void {
  // The runner masks what it was told to mask, as it is; a stack or a message can hold it in other forms.
  const redact = createRedactor(credentialInputs())
  if (error instanceof PortDispatchError) {
    setFailed(sanitize(redact(formatError(error, settingName))))
    return
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' }
  setFailed(
    `Unexpected error: ${sanitize(redact(message))}. This is a fault of port-dispatch. Please report it with the log of this step, run again with debug logging.`,
  )
  if (process.env.RUNNER_DEBUG === '1') annotate(sanitize(redact(`${stack}`)))
}

/**
 * Says what became of a report. What Port did not get is a warning: reporting does not break the user's job.
 *
 * @throws PortDispatchError instead, if the input `strict` is set
 */
export function settle(result: ReportResult): void {
  const said = describeReport(result, settingName)
  if (!said) return
  if (result.type === 'failed' && flagInput('strict', 'false')) {
    throw new PortDispatchError('PORT', said.text, { cause: result.error })
  }
  runnerLogger[said.level](said.text)
}
