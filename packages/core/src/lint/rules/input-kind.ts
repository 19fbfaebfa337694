import type { Json } from '../../json.ts'
import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { refused, sentPairs, whenEmpty } from '../sent-to-input.ts'
import type { SentValue } from '../sent-values.ts'
import { textOf, type WorkflowInput } from '../workflow/workflow.ts'

export const inputKind: Rule<Lintee> = {
  id: 'input-kind',
  severity: 'error',
  summary: 'What is sent to a boolean or a number is one',
  *check(lintee) {
    for (const { value, input } of sentPairs(lintee)) {
      if (input.type === 'boolean') yield* boolean(value, input)
      if (input.type === 'number') yield* number(value, input)
    }
  },
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
