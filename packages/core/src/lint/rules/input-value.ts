import type { Json } from '../../json.ts'
import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import type { SentValue } from '../sent-values.ts'
import { suggest } from '../suggest.ts'
import { textOf, type WorkflowInput } from '../workflow/workflow.ts'
import { paired } from './workflow-inputs.ts'

export const choiceOptions: Rule<Lintee> = {
  id: 'choice-options',
  severity: 'error',
  summary: 'What is sent to a choice is one of its options',
  *check(lintee) {
    for (const { value, input } of pairs(lintee)) {
      if (input.type !== 'choice' || input.options.length === 0) continue
      yield* choice(value, input, lintee)
    }
  },
}

export const inputKind: Rule<Lintee> = {
  id: 'input-kind',
  severity: 'error',
  summary: 'What is sent to a boolean or a number is one',
  *check(lintee) {
    for (const { value, input } of pairs(lintee)) {
      if (input.type === 'boolean') yield* boolean(value, input)
      if (input.type === 'number') yield* number(value, input)
    }
  },
}

function* pairs(lintee: Lintee): Generator<{ value: SentValue; input: WorkflowInput }> {
  for (const { sent, declared } of paired(lintee)) {
    for (const value of sent.values) {
      const input = declared.get(value.name)
      if (input) yield { value, input }
    }
  }
}

function* choice(
  { path, value, isAlwaysSent }: SentValue,
  input: WorkflowInput,
  { subject }: Lintee,
): Generator<Draft> {
  const { name, options } = input
  const list = options.map((option) => JSON.stringify(option)).join(', ')
  if (value.type === 'unknown') return
  if (value.type === 'constant') {
    if (!options.includes(textOf(value.value))) yield refused(path, value.value, input)
    return
  }
  const { input: user, otherwise } = value
  if (otherwise !== undefined && !options.includes(textOf(otherwise))) {
    yield refused(path, otherwise, input)
  }
  const values = user.type === 'boolean' ? [true, false] : user.values
  for (const [index, each] of (values ?? []).entries()) {
    if (options.includes(textOf(each))) continue
    const meant = typeof each === 'string' ? suggest(each, options) : undefined
    yield {
      path: user.type === 'boolean' ? path : [...user.path, 'enum', index],
      message: `GitHub refuses ${JSON.stringify(each)} for the input ${name}, whose options are ${list}`,
      ...(meant !== undefined && { advice: `Did you mean ${JSON.stringify(meant)}?` }),
    }
  }
  if (values) {
    const texts = values.map(textOf)
    const unused = options.filter((option) => !texts.includes(option) && option !== otherwise)
    if (unused.length > 0 && unused.length < options.length) {
      yield {
        path: [...user.path, 'enum'],
        severity: 'info',
        message: `The user input ${user.name} does not offer ${unused.map((each) => JSON.stringify(each)).join(', ')}, which the input ${name} of the workflow accepts`,
      }
    }
  } else if (isFreeText(user.definition)) {
    yield {
      path: user.path,
      isKey: true,
      severity: 'warning',
      message: `Any ${user.type === 'number' ? 'number' : 'text'} can be entered as ${user.name}, but GitHub refuses all but ${list} for the input ${name}`,
      advice: `Give the user input "enum": [${list}]`,
    }
  }
  if (otherwise === undefined && isAlwaysSent) yield* whenEmpty(path, user, input, subject.isV1)
}

/** A text without an enum, a pattern, or a source of values that is not known here. */
function isFreeText(definition: Readonly<Record<string, Json>>): boolean {
  const { type, enum: values, pattern, format } = definition
  if (type !== 'string' && type !== 'number') return false
  return values === undefined && pattern === undefined && format === undefined
}

function* boolean(
  { path, value, isAlwaysSent }: SentValue,
  input: WorkflowInput,
): Generator<Draft> {
  const { name } = input
  if (value.type === 'unknown') return
  if (value.type === 'constant') {
    if (!['true', 'false'].includes(textOf(value.value))) yield refused(path, value.value, input)
    return
  }
  const { input: user, otherwise } = value
  const options = user.values?.map(textOf)
  const isKnown = ['string', 'number', 'array', 'object'].includes(user.type ?? '')
  if (isKnown && !(options?.every((each) => each === 'true' || each === 'false') ?? false)) {
    yield {
      path,
      severity: user.type === 'string' ? 'warning' : 'error',
      message: `GitHub accepts true and false for the input ${name}, but the user input ${user.name} is a ${user.type}`,
      advice: 'Make the user input a boolean, or the input of the workflow a string',
    }
  } else if (otherwise === undefined && isAlwaysSent) yield* whenEmpty(path, user, input, false)
}

function* number({ path, value, isAlwaysSent }: SentValue, input: WorkflowInput): Generator<Draft> {
  const { name } = input
  if (value.type === 'unknown') return
  if (value.type === 'constant') {
    if (!isNumber(value.value)) {
      yield {
        path,
        severity: 'warning',
        message: `${JSON.stringify(value.value)} is not a number, which the input ${name} is`,
      }
    }
    return
  }
  const { input: user, otherwise } = value
  const isOther = ['boolean', 'array', 'object'].includes(user.type ?? '')
  const isFree = user.type === 'string' && user.definition.pattern === undefined
  if (isOther || (isFree && !(user.values?.every(isNumber) ?? false))) {
    yield {
      path,
      severity: 'warning',
      message: `The input ${name} is a number, but the user input ${user.name} is a ${user.type}`,
      advice: 'Make the user input a number, or the input of the workflow a string',
    }
  } else if (otherwise === undefined && isAlwaysSent) yield* whenEmpty(path, user, input, false)
}

function isNumber(value: Json): boolean {
  return (
    typeof value === 'number' ||
    (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
  )
}

/** Null is sent as the text `null`. */
function* whenEmpty(
  path: SentValue['path'],
  user: { name: string; isAlwaysSet: boolean; definition: Readonly<Record<string, Json>> },
  { name, type }: WorkflowInput,
  isV1: boolean,
): Generator<Draft> {
  // A default that is computed, and a form that Port fills in otherwise, cannot be told.
  if (user.isAlwaysSet || isV1 || user.definition.default !== undefined) return
  yield {
    path,
    severity: 'warning',
    message: `The user input ${user.name} is null if nothing was entered, and the ${type} ${name} then gets the text null`,
    advice: `Make ${user.name} required, give it a default, or leave the input out: "{{ if (.inputs | has(\\"${user.name}\\")) then \\"${name}\\" else null end }}"`,
  }
}

function refused(
  path: SentValue['path'],
  value: Json,
  { name, type, options }: WorkflowInput,
): Draft {
  const accepted = type === 'boolean' ? ['true', 'false'] : options
  const meant = typeof value === 'string' ? suggest(value, accepted) : undefined
  return {
    path,
    message: `GitHub refuses ${JSON.stringify(value)} for the input ${name}, which accepts ${accepted.map((option) => JSON.stringify(option)).join(', ')}`,
    ...(meant !== undefined && { advice: `Did you mean ${JSON.stringify(meant)}?` }),
  }
}
