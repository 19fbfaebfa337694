import { getInput } from '@actions/core'
import { InputError } from '@port-dispatch/core'
import { parseDuration } from '@port-dispatch/dispatcher/host'
import { type Operation, parseOperation } from './operation.ts'

/** Every input of action.yml. */
export const INPUT_NAMES = [
  'operation',
  'clientId',
  'clientSecret',
  'baseUrl',
  'runId',
  'status',
  'statusLabel',
  'logMessage',
  'startMessage',
  'successMessage',
  'failureMessage',
  'link',
  'summary',
  'externalRunId',
  'output',
  'action',
  'identifier',
  'properties',
  'blueprint',
  'title',
  'icon',
  'team',
  'relations',
  'entities',
  'query',
  'include',
  'delete_dependents',
  'createMissingRelatedEntities',
  'actions',
  'repo',
  'config',
  'maxWarnings',
  'payload',
  'invocationMethod',
  'context',
  'decrypt',
  'wait',
  'timeout',
  'onCancel',
  'propagateFailure',
  'reportWorkflowStatus',
  'needs',
  'jobStatus',
  'reportTimeout',
  'githubToken',
  'githubAppId',
  'githubAppPrivateKey',
  'gitlabToken',
  'gitlabTriggerToken',
  'gitlabUrl',
  'requestTimeout',
  'retryWebhook',
  'allowHosts',
  'kafkaBrokers',
  'kafkaUsername',
  'kafkaPassword',
  'kafkaCa',
  'kafkaTopic',
  'strict',
  'jqTimeout',
  'jqCompat',
  'exposeSecrets',
] as const

export type InputName = (typeof INPUT_NAMES)[number]

/** Inputs that are credentials. */
export const SECRET_INPUTS = [
  'clientSecret',
  'githubToken',
  'githubAppPrivateKey',
  'gitlabToken',
  'gitlabTriggerToken',
  'kafkaPassword',
] as const

/**
 * The input `operation`. Without it, a step that is about an entity is what port-labs/port-github-action would make of it,
 * an UPSERT, and every other one a REPORT.
 *
 * @throws InputError that says what to write instead
 */
export function readOperation(): Operation {
  const text = textInput('operation')
  if (text !== undefined) return parseOperation(text)
  return ENTITY_INPUTS.some((name) => textInput(name) !== undefined) ? 'UPSERT' : 'REPORT'
}

/** Inputs that only the operations on entities and CREATE_RUN have. */
const ENTITY_INPUTS = [
  'identifier',
  'blueprint',
  'title',
  'icon',
  'team',
  'properties',
  'relations',
  'entities',
  'query',
  'include',
] as const

/** The input without white space around it, or undefined if it is not set or empty. */
export function textInput(name: InputName): string | undefined {
  return getInput(name) || undefined
}

/** @throws InputError if the input is missing */
export function requiredInput(name: InputName, hint: string): string {
  const value = textInput(name)
  if (value !== undefined) return value
  throw badInput(name, `is missing; ${hint}`)
}

/** @throws InputError if the input is neither true nor false */
export function flagInput(name: InputName, fallback: 'true' | 'false'): boolean {
  const text = textInput(name) ?? fallback
  if (/^true$/i.test(text)) return true
  if (/^false$/i.test(text)) return false
  throw badInput(name, `found "${text}"; expected true or false`)
}

/** @throws InputError if the input is not one of the choices, of which the first is the default */
export function choiceInput<const Choice extends string>(
  name: InputName,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const text = textInput(name)
  if (text === undefined) return choices[0]
  const choice = choices.find((known) => known === text.toLowerCase())
  if (choice !== undefined) return choice
  throw badInput(name, `found "${text}"; expected ${choices.join(' or ')}`)
}

/** How templates are rendered, as the inputs say. */
export function renderOptions(): { timeout: number; jqCompat: '1.6' | 'off' } {
  return {
    timeout: durationInput('jqTimeout', '1s'),
    jqCompat: choiceInput('jqCompat', ['1.6', 'off']),
  }
}

/**
 * @returns milliseconds
 * @throws InputError if the input is not a time span
 */
export function durationInput(name: InputName, fallback: string): number {
  const text = textInput(name) ?? fallback
  const duration = parseDuration(text)
  if (duration !== undefined) return duration
  throw badInput(name, `found "${text}"; expected a time span like 90s, 30m or 1h30m`)
}

export function badInput(name: InputName, message: string): InputError {
  return new InputError('The step cannot run:', [{ path: name, found: message }])
}
