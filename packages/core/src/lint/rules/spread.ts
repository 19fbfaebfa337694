import { isJsonObject, type Json } from '../../json.ts'
import type { LintedText } from '../expressions.ts'
import { isSpread } from '../expressions.ts'
import type { Draft, Path, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import type { UserInput } from '../subject.ts'

export const spread: Rule<Lintee> = {
  id: 'spread',
  severity: 'error',
  summary: 'What {{ spreadValue() }} spreads is an object in every run',
  *check(lintee) {
    const { method, methodPath } = lintee.subject
    if (method) yield* walk(method, methodPath, lintee)
  },
}

function* walk(value: Json, path: Path, lintee: Lintee): Generator<Draft> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* walk(item, [...path, index], lintee)
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const at = [...path, key]
      if (isSpread(key)) yield* judge(item, at, lintee)
      else yield* walk(item, at, lintee)
    }
  }
}

function* judge(value: Json, path: Path, lintee: Lintee): Generator<Draft> {
  if (isJsonObject(value)) {
    yield* walk(value, path, lintee)
    return
  }
  const text = typeof value === 'string' ? lintee.expressions.textAt(path) : undefined
  if (text?.mistake || text?.expressions.some(({ rejection }) => rejection)) return
  const what = text ? whatIsIt(text, lintee) : describe(value)
  if (what === undefined) return
  if (what === 'null') {
    yield {
      path,
      message:
        'The value to spread is null where nothing was entered, on which Port ends with an error',
      severity: 'warning',
      advice: `Give an object in its place: "{{ ${text?.expressions[0]?.filter.trim() ?? ''} // {} }}"`,
    }
    return
  }
  yield {
    path,
    message: `The value to spread is ${what}, but only an object can be spread`,
    ...(what.startsWith('null') && {
      advice: 'Port ends with an error on null. Add // {} to the expression',
    }),
  }
}

function describe(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'string' ? 'text' : JSON.stringify(value)
}

/** What a text gives that is certainly no object, or `null` for what is sometimes null. */
function whatIsIt(text: LintedText, { subject }: Lintee): string | undefined {
  const [expression, second] = text.expressions
  if (!expression) return 'text'
  if (!text.isWhole || second) return 'text'
  const [use, other] = expression.uses
  if (!use || other || expression.filter.trim() !== expression.filter.slice(use.start, use.end)) {
    return undefined
  }
  const [root, name, ...rest] = use.segments
  const path = use.segments.join('.')
  if (root === 'inputs' && subject.trigger.type === 'automation') return 'null in an automation'
  if (root === 'inputs' && typeof name === 'string' && rest.length === 0) {
    const input = subject.inputs?.get(name)
    return input && typeOf(input)
  }
  const texts = [
    'run.id',
    'entity.identifier',
    'entity.title',
    'entity.blueprint',
    'action.identifier',
    'action.blueprint',
  ]
  if (texts.includes(path) || path.startsWith('event.context.')) return 'text'
  if (/^event\.diff\.(?:before|after)\.(?:identifier|title|blueprint)$/.test(path)) return 'text'
  return undefined
}

function typeOf(input: UserInput): string | undefined {
  switch (input.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return `a ${input.type} that was entered`
    case 'array':
      return 'an array'
    case 'object':
      return input.isAlwaysSet ? undefined : 'null'
    default:
      return undefined
  }
}
