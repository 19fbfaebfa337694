import { InputError, phrase, setting } from '@port-dispatch/core'
import type { TriggerData } from '@port-dispatch/core/action'
import { type Reporter, reporterFor } from '@port-dispatch/core/port'
import { secretsOf } from '@port-dispatch/core/text'
import {
  type Connections,
  Dispatcher,
  type DispatchOptions,
  dispatching,
  type Plan,
  planning,
} from '@port-dispatch/dispatcher'
import {
  connectionsFromEnvironment,
  createHttp,
  detectCi,
  type Environment,
  interruption,
  loadAction,
  portClient,
  portClientIfConfigured,
  readContext,
} from '@port-dispatch/dispatcher/host'
import type { Command } from 'commander'
import { writeDotenv } from '../dotenv.ts'
import { durationFlag, listFlag, reportTimeoutFlag, switchFlag, valueFlag } from '../flags.ts'
import {
  actionFlag,
  contextFlag,
  jqCompatFlag,
  jqTimeoutFlag,
  refuseSharedInput,
  strictFlag,
} from '../invocation.ts'
import { printResult, printStep } from '../print-dispatch.ts'
import { ProgressLine } from '../progress-line.ts'
import type { Terminal } from '../terminal.ts'

interface DispatchFlags {
  action: string
  context?: string
  strict?: boolean
  wait?: boolean
  /** Milliseconds. */
  timeout: number
  onCancel: 'cancel' | 'leave'
  onManual: 'wait' | 'stop'
  dryRun?: boolean
  report: boolean
  again?: boolean
  runId?: string
  /** Milliseconds. */
  reportTimeout: number
  /** Milliseconds. */
  requestTimeout: number
  allowHost?: string[]
  retryWebhook?: boolean
  topic?: string
  json?: boolean
  /** Milliseconds. */
  jqTimeout: number
  jqCompat: '1.6' | 'off'
  dotenv?: string
  dotenvPrefix: string
}

/** `port-dispatch dispatch`: from an action to a finished run. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .addOption(actionFlag())
    .addOption(contextFlag())
    .addOption(strictFlag())
    .addOption(jqTimeoutFlag())
    .addOption(jqCompatFlag())
    .addOption(switchFlag('--wait', 'follow the run to its end', 'PORT_DISPATCH_WAIT'))
    .addOption(durationFlag('--timeout <time>', 'how long to wait', 'PORT_DISPATCH_TIMEOUT', '1h'))
    .addOption(
      valueFlag(
        '--on-cancel <what>',
        'what to do with the run if waiting is interrupted or times out',
        'PORT_DISPATCH_ON_CANCEL',
      )
        .choices(['cancel', 'leave'])
        .default('leave'),
    )
    .addOption(
      valueFlag(
        '--on-manual <what>',
        'whether to keep waiting while a manual job or an approval waits for a person',
        'PORT_DISPATCH_ON_MANUAL',
      )
        .choices(['wait', 'stop'])
        .default('wait'),
    )
    .addOption(
      switchFlag('--dry-run', 'check and print what would be sent', 'PORT_DISPATCH_DRY_RUN'),
    )
    .addOption(switchFlag('--no-report', 'do not report to Port', 'PORT_DISPATCH_NO_REPORT'))
    .addOption(
      switchFlag(
        '--again',
        'start another run for a Port run that already has one',
        'PORT_DISPATCH_AGAIN',
      ),
    )
    .addOption(
      valueFlag('--run-id <id>', 'Port run, if the context does not name it', 'PORT_RUN_ID'),
    )
    .addOption(reportTimeoutFlag())
    .addOption(
      durationFlag(
        '--request-timeout <time>',
        'how long to wait for the response of a webhook',
        'PORT_DISPATCH_REQUEST_TIMEOUT',
        '30s',
      ),
    )
    .addOption(
      listFlag(
        '--allow-host <hosts>',
        'hosts, addresses or ranges that a webhook can call although they are loopback, link-local or metadata addresses',
        'PORT_DISPATCH_ALLOW_HOSTS',
      ),
    )
    .addOption(
      switchFlag(
        '--retry-webhook',
        'send a webhook again, with the same Idempotency-Key, if its response is lost or a passing failure',
        'PORT_DISPATCH_RETRY_WEBHOOK',
      ),
    )
    .addOption(
      valueFlag(
        '--topic <name>',
        "topic of Kafka; by default {orgId}.runs, that of Port's organization",
        'PORT_DISPATCH_TOPIC',
      ),
    )
    .addOption(switchFlag('--json', 'print what was started as JSON', 'PORT_DISPATCH_JSON'))
    .addOption(
      valueFlag(
        '--dotenv <file>',
        'write what was started as variables, for later jobs of GitLab CI',
        'PORT_DISPATCH_DOTENV',
      ),
    )
    .addOption(
      valueFlag(
        '--dotenv-prefix <text>',
        'prefix of the names of these variables',
        'PORT_DISPATCH_DOTENV_PREFIX',
      ).default('DISPATCHED_'),
    )
    .action((flags: DispatchFlags) => dispatch(flags, terminal))
}

async function dispatch(flags: DispatchFlags, terminal: Terminal): Promise<void> {
  refuseSharedInput(flags)
  const { env } = process
  const context = await readContext(flags.context, env)
  const triggerData = { ...context, ...(flags.runId && { runId: flags.runId }) }
  terminal.hide(secretsOf(triggerData.context))
  const signal = interruption((name) =>
    terminal.message(`Stopping (${name}). Repeat it to stop at once.`),
  )
  const job = detectCi(env)
  const runId = flags.report ? requireRunId(flags, triggerData) : undefined
  const reporter =
    runId && !flags.dryRun ? createReporter(runId, flags, signal, terminal) : undefined
  if (flags.dotenv) writeDotenv(flags.dotenv, flags.dotenvPrefix, {})
  const options: DispatchOptions = {
    dispatcher: new Dispatcher(connections(flags, env, terminal), {
      http: createHttp(env, { onWait: terminal.onWait }),
    }),
    action: loadAction(flags.action, () =>
      portClientIfConfigured(env, { onWait: terminal.onWait }),
    ),
    triggerData,
    reporter,
    onMistake: job ? 'end-run' : 'leave-run',
    wait: flags.wait ? flags : undefined,
    strict: flags.strict,
    again: flags.again,
    ownExternalRunId: job?.externalRunId,
    render: { timeout: flags.jqTimeout, jqCompat: flags.jqCompat },
    redactor: terminal.redactor,
    logger: terminal.logger,
    signal,
  }
  if (flags.dryRun) return await printPlan(options, terminal)
  const steps = dispatching(options)
  const progress = new ProgressLine(terminal)
  try {
    for (;;) {
      const step = await steps.next()
      if (step.done) return printResult(flags, step.value, reporter, terminal)
      if (flags.wait) progress.follow(step.value)
      printStep(step.value, reporter, terminal)
      if (step.value.type === 'planned' && flags.wait && reporter) {
        noteOpenEnd(step.value.plan, reporter, terminal)
      }
    }
  } finally {
    progress.end()
  }
}

/** Whoever waits expects that the Port run ends too. */
function noteOpenEnd(
  { endsPortRun, runs, type }: Plan,
  { runId }: Reporter,
  terminal: Terminal,
): void {
  if (endsPortRun || !runs) return
  const [flag, what] =
    type === 'GITLAB' ? ['reportPipelineStatus', 'pipeline'] : ['reportWorkflowStatus', 'workflow']
  terminal.logger.notice(`${flag} is false, so the ${what} itself must end Port run ${runId}.`)
}

function connections(flags: DispatchFlags, env: Environment, terminal: Terminal): Connections {
  const { webhook, kafka, ...others } = connectionsFromEnvironment(env, {
    onWait: terminal.onWait,
    onSecret: (secret) => terminal.hide([secret]),
  })
  return {
    ...others,
    webhook: {
      ...webhook,
      timeout: flags.requestTimeout,
      retry: flags.retryWebhook ? 'same-key' : 'never',
      ...(flags.allowHost && { allowHosts: flags.allowHost }),
    },
    kafka: { ...kafka, ...(flags.topic && { topic: flags.topic }) },
  }
}

async function printPlan(options: DispatchOptions, terminal: Terminal): Promise<void> {
  const steps = planning(options)
  for (;;) {
    const step = await steps.next()
    if (step.done) {
      const { type: backend, target, preview, page } = step.value
      terminal.json({ backend, target, ...preview, ...(page && { page }) }, 2)
      return
    }
    printStep(step.value, undefined, terminal)
  }
}

function createReporter(
  runId: string,
  flags: DispatchFlags,
  signal: AbortSignal,
  { onWait }: Terminal,
): Reporter {
  return reporterFor(portClient(process.env, { onWait }), runId, {
    timeLimit: flags.reportTimeout,
    signal,
  })
}

function requireRunId(flags: DispatchFlags, triggerData: TriggerData): string {
  const runId = flags.runId || triggerData.runId
  if (runId) return runId
  throw new InputError('No Port run ID found:', [
    {
      path: 'run.id',
      found: 'is missing in the context',
      advice: phrase`Give ${setting('runId')}, or ${setting('report')} to report nothing`,
    },
  ])
}
