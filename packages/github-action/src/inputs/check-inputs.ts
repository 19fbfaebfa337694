import { formatProblem, InputError, type Problem } from '@port-dispatch/core'
import { runnerLogger } from '../runner.ts'
import { type InputName, textInput } from './inputs.ts'
import type { Operation } from './operation.ts'

/** The operations of port-labs/port-github-action, which pass over inputs that are not theirs. */
const LENIENT: readonly Operation[] = [
  'PATCH_RUN',
  'CREATE_RUN',
  'UPSERT',
  'BULK_UPSERT',
  'GET',
  'DELETE',
  'SEARCH',
]

/** Which operations read an input. Inputs that are not here are read by all, or have a default. */
const READERS: Partial<Record<InputName, readonly Operation[]>> = {
  runId: ['REPORT', 'PATCH_RUN', 'DISPATCH', 'UPSERT', 'BULK_UPSERT', 'DELETE'],
  status: ['PATCH_RUN'],
  statusLabel: ['REPORT', 'PATCH_RUN'],
  logMessage: ['REPORT', 'PATCH_RUN'],
  startMessage: ['REPORT'],
  successMessage: ['REPORT'],
  failureMessage: ['REPORT'],
  link: ['REPORT', 'PATCH_RUN'],
  summary: ['REPORT', 'PATCH_RUN'],
  externalRunId: ['REPORT', 'PATCH_RUN'],
  output: ['REPORT', 'PATCH_RUN'],
  action: ['CREATE_RUN'],
  identifier: ['CREATE_RUN', 'UPSERT', 'GET', 'DELETE'],
  properties: ['CREATE_RUN', 'UPSERT'],
  blueprint: ['UPSERT', 'GET', 'DELETE'],
  title: ['UPSERT'],
  icon: ['UPSERT'],
  team: ['UPSERT'],
  relations: ['UPSERT'],
  entities: ['BULK_UPSERT'],
  query: ['SEARCH'],
  include: ['SEARCH'],
  requestTimeout: ['DISPATCH'],
  retryWebhook: ['DISPATCH'],
  allowHosts: ['DISPATCH'],
  kafkaBrokers: ['DISPATCH'],
  kafkaUsername: ['DISPATCH'],
  kafkaPassword: ['DISPATCH'],
  kafkaCa: ['DISPATCH'],
  kafkaTopic: ['DISPATCH'],
  actions: ['LINT'],
  repo: ['LINT'],
  config: ['LINT'],
  maxWarnings: ['LINT'],
  payload: ['RENDER'],
  invocationMethod: ['DISPATCH', 'RENDER'],
  context: ['REPORT', 'DISPATCH', 'RENDER'],
  decrypt: ['REPORT', 'DISPATCH', 'RENDER'],
  needs: ['REPORT'],
  jqCompat: ['DISPATCH', 'RENDER'],
}

/** Inputs that people copy from step to step, and that change nothing about a run. */
const HARMLESS: readonly InputName[] = ['icon', 'title', 'blueprint']

/** What to do about an input where it is not obvious. */
const ADVICE: Partial<Record<`${Operation}.${string}`, string>> = {
  'REPORT.status':
    'REPORT sends the status of the job. Remove it, or set "operation: PATCH_RUN" to send one of your own',
  'REPORT.invocationMethod': 'set "operation: DISPATCH" to dispatch it, or RENDER to render it',
  'REPORT.action': 'set "operation: CREATE_RUN" to start a run of it',
  'DISPATCH.action': 'give the identifier of the action as invocationMethod',
  'RENDER.action': 'give the identifier of the action as invocationMethod',
  'DISPATCH.payload': 'what is dispatched is given as invocationMethod; payload is for RENDER',
}

/**
 * Refuses inputs that the operation would pass over, which somebody gave for a reason.
 *
 * @throws InputError naming each, and what to do
 */
export function checkInputs(operation: Operation): void {
  const problems: Problem[] = []
  for (const [name, readers] of Object.entries(READERS) as [InputName, readonly Operation[]][]) {
    if (readers.includes(operation) || textInput(name) === undefined) continue
    if (HARMLESS.includes(name) && LENIENT.includes(operation)) continue
    const advice = ADVICE[`${operation}.${name}`] ?? `it is an input of ${readers.join(' and ')}`
    problems.push({ path: name, found: `is not an input of ${operation}; ${advice}` })
  }
  if (problems.length === 0) return
  if (!LENIENT.includes(operation)) throw new InputError('The inputs conflict:', problems)
  for (const problem of problems) runnerLogger.warning(`${formatProblem(problem, (name) => name)}.`)
}
