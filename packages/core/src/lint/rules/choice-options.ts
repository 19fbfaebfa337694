import type { Json } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { refused, sentPairs, whenEmpty } from '../sent-to-input.ts'
import type { SentValue } from '../sent-values.ts'
import { textOf, type WorkflowInput } from '../workflow/workflow.ts'

export const choiceOptions: Rule<Lintee> = {
  id: 'choice-options',
  severity: 'error',
  summary: 'What is sent to a choice is one of its options',
  *check(lintee) {
    for (const { value, input } of sentPairs(lintee)) {
      if (input.type !== 'choice' || input.options.length === 0) continue
      yield* choice(value, input, lintee)
    }
  },
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
