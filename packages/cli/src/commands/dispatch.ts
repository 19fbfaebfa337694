import { InputError, systemClock } from '@port-dispatch/core'
import type { TriggerData } from '@port-dispatch/core/action'
import { RunReporter } from '@port-dispatch/core/port'
import {
  type Backend,
  type DispatchResult,
  dispatch,
  type Plan,
  prepareDispatch,
  StrictError,
} from '@port-dispatch/dispatcher'
import {
  detectCi,
  interruption,
  loadAction,
  portClient,
  portClientIfConfigured,
  readContext,
} from '@port-dispatch/dispatcher/host'
import { ExitCode, exitCodeOfResult } from '../exit-code.ts'
import { ExitWith } from '../exit-with.ts'
import { terminalLogger, writeMessage, writeOutput } from '../terminal.ts'
import { refuseSharedInput } from './refuse-shared-input.ts'
import { tellDiagnostics } from './tell-diagnostics.ts'
import { writeDotenv } from './write-dotenv.ts'

export interface DispatchFlags {
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
  runId?: string
  /** Milliseconds. */
  reportTimeout: number
  json?: boolean
  dotenv?: string
  dotenvPrefix: string
}

/** `port-dispatch dispatch`: from an action to a finished run. */
export async function dispatchCommand(flags: DispatchFlags): Promise<void> {
  refuseSharedInput(flags)
  const triggerData = await readContext(flags.context, process.env)
  const signal = interruption((name) => writeMessage(`${name}: stopping. Again to stop at once.`))
  if (flags.report) requireRunId(flags, triggerData)
  const reporter = flags.report && !flags.dryRun ? createReporter(flags, triggerData) : undefined
  if (flags.dotenv) writeDotenv(flags.dotenv, '', {})
  const { method, backend, plan } = await prepareDispatch({
    load: () => loadAction(flags.action, () => portClientIfConfigured(process.env)),
    triggerData,
    env: process.env,
    logger: terminalLogger,
    reporter,
    onMistake: detectCi(process.env) ? 'end-run' : 'leave-run',
    purpose: flags.wait ? 'follow' : 'start',
    onRendered: ({ failures, notes }) => {
      tellDiagnostics(failures, notes)
      if (flags.strict && failures.length > 0) throw new StrictError(failures)
    },
  })
  if (flags.dryRun) {
    writeOutput(JSON.stringify({ backend: method.type, ...plan }, null, 2))
    return
  }
  const result = await dispatch({
    backend,
    plan,
    reporter,
    reportEnd: method.type === 'GITHUB' && !method.reportWorkflowStatus ? 'leave' : 'report',
    clock: systemClock,
    logger: terminalLogger,
    wait: flags.wait ? flags : undefined,
    signal,
  })
  tellResult(flags, backend, plan, result, reporter)
}

function createReporter(flags: DispatchFlags, triggerData: TriggerData): RunReporter {
  const runId = requireRunId(flags, triggerData)
  return new RunReporter(portClient(process.env), runId, { timeLimit: flags.reportTimeout })
}

function requireRunId(flags: DispatchFlags, triggerData: TriggerData): string {
  const runId = flags.runId || triggerData.runId
  if (runId) return runId
  throw new InputError('It is unknown which Port run to report on:', [
    {
      path: 'run.id',
      found: 'is missing in the context; give --run-id, or --no-report to report nothing',
    },
  ])
}

function tellResult(
  { json, dotenv, dotenvPrefix }: DispatchFlags,
  backend: Backend,
  { target, ref }: Plan,
  dispatched: DispatchResult,
  reporter: RunReporter | undefined,
): void {
  const { run, state, outcome } = dispatched
  const result = {
    backend: backend.name.toUpperCase(),
    target,
    ref,
    id: run.id,
    externalRunId: state.externalRunId ?? null,
    url: state.url,
    status: outcome?.status ?? 'IN_PROGRESS',
    conclusion: state.conclusion ?? null,
    runId: reporter?.runId ?? null,
  }
  writeOutput(json ? JSON.stringify(result) : state.url)
  if (dotenv) writeDotenv(dotenv, dotenvPrefix, result)
  const exitCode = exitCodeOfResult(dispatched)
  if (exitCode !== ExitCode.done) throw new ExitWith(exitCode)
}
