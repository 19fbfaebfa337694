// What a dispatch says on the terminal: its steps as they happen, and what became of it.
import type { Reporter } from '@port-dispatch/core/port'
import { isKnownStatus, statusLabel } from '@port-dispatch/core/run'
import { sanitize } from '@port-dispatch/core/text'
import type { DispatchResult, DispatchStep, RunState } from '@port-dispatch/dispatcher'
import { writeDotenv } from './dotenv.ts'
import { ExitCode, ExitWith, exitCodeOfResult } from './exit-code.ts'
import { printDiagnostics } from './invocation.ts'
import type { Terminal } from './terminal.ts'

/** A step for people, on stderr. */
export function printStep(
  step: DispatchStep,
  reporter: Reporter | undefined,
  terminal: Terminal,
): void {
  switch (step.type) {
    case 'rendered':
      printDiagnostics(step.rendered, terminal)
      return
    case 'planned':
      for (const warning of step.plan.warnings ?? []) terminal.logger.warning(warning)
      for (const note of step.plan.notes) terminal.logger.notice(note)
      return
    case 'started': {
      const { plan, started } = step
      const where = plan.ref === undefined ? plan.target : `${plan.target} on ${plan.ref}`
      const what = started.earlier ? 'Taking over' : 'Started'
      terminal.logger.info(
        started.type === 'run' ? `${what} ${where}: ${started.run.url}` : started.message,
      )
      return
    }
    case 'state':
      if (!step.state.outcome) terminal.logger.info(describeState(step.state))
      return
    case 'concluded':
      terminal.logger.info(step.end.message)
      return
    case 'reported': {
      const { result, status } = step
      terminal.report(result)
      if (result.type === 'delivered' && status) {
        terminal.logger.info(
          `Port run ${reporter?.runId} ended: ${status.status}, ${status.statusLabel}.`,
        )
      }
    }
  }
}

function describeState({ status, waitsForPerson, url }: RunState): string {
  if (waitsForPerson) return `${statusLabel(status)}: ${url}`
  return isKnownStatus(status)
    ? statusLabel(status)
    : `${status} (not a status that this version knows; it is treated as still running)`
}

export interface ResultOptions {
  json?: boolean | undefined
  /** The file that later jobs of GitLab read as variables. */
  dotenv?: string | undefined
  dotenvPrefix: string
}

/** What was started and how it ended, on stdout and in the file for later jobs. @throws ExitWith if it failed */
export function printResult(
  { json, dotenv, dotenvPrefix }: ResultOptions,
  dispatched: DispatchResult,
  reporter: Reporter | undefined,
  terminal: Terminal,
): void {
  const { plan, started, state, outcome } = dispatched
  const run = started.type === 'run' ? started.run : undefined
  const result = {
    backend: plan.type,
    target: plan.target,
    ref: plan.ref ?? null,
    id: run ? toNumber(run.id) : null,
    externalRunId: state?.externalRunId ?? null,
    url: state?.url ?? run?.url ?? null,
    status: outcome?.status ?? 'IN_PROGRESS',
    conclusion: state?.conclusion ?? null,
    runId: reporter?.runId ?? null,
  }
  if (json) terminal.json(result)
  // Whoever sees both streams has read the address in the last message.
  else if (result.url && !(outcome && process.stdout.isTTY && process.stderr.isTTY)) {
    terminal.output(sanitize(result.url))
  }
  if (dotenv) writeDotenv(dotenv, dotenvPrefix, result)
  if (dispatched.lost) terminal.error(dispatched.lost)
  const exitCode = exitCodeOfResult(dispatched)
  if (exitCode !== ExitCode.done) throw new ExitWith(exitCode)
}

/** GitHub's and GitLab's ids are numbers, and were printed as such. */
function toNumber(id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id
}
