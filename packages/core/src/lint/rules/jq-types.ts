import type { LintedExpression } from '../expressions.ts'
import type { Draft, Rule } from '../finding.ts'
import { type Operand, pathText } from '../jq/reading.ts'
import type { Lintee } from '../lintee.ts'
import type { Subject, UserInput } from '../subject.ts'

/** A type of jq, as its messages name it. */
type Kind = 'string' | 'number' | 'boolean' | 'array' | 'object'

export const jqTypes: Rule<Lintee> = {
  id: 'jq-types',
  severity: 'error',
  summary: 'What an expression does with a value is possible with its type',
  *check({ subject, expressions }) {
    for (const expression of expressions.all) {
      // What looks at the type of a value does something else for each.
      if (expression.rejection || /\btype\b|\bstrings\b|\barrays\b/.test(expression.filter))
        continue
      yield* keysOf(expression, subject)
      yield* callsOf(expression, subject)
      yield* operatorsOf(expression, subject)
    }
  },
}

/** `.inputs.size.value`, where the size is a number. */
function* keysOf(expression: LintedExpression, subject: Subject): Generator<Draft> {
  for (const { segments, start, end, isGuarded } of expression.uses) {
    if (isGuarded) continue
    for (let depth = 1; depth < segments.length; depth++) {
      const owner = segments.slice(0, depth)
      const kind = kindOf(owner, expression, subject)
      if (kind === undefined || kind === 'object') continue
      const key = segments[depth]
      if (kind === 'array' && (key === null || key === undefined)) break
      const what = pathText(owner)
      yield {
        ...placeOf(expression, { start, end }),
        message:
          typeof key === 'string'
            ? `${what} is ${article(kind)}, which has no field ${JSON.stringify(key)}, so that the expression fails and is null`
            : `${what} is ${article(kind)}, which has no items, so that the expression fails and is null`,
        advice:
          kind === 'array' && typeof key === 'string'
            ? `Take the field of each item: ${what} | map(.${key})`
            : `Write ${what}`,
      }
      break
    }
  }
}

/** `.inputs.tags | ascii_downcase`, where the tags are a list. */
function* callsOf(expression: LintedExpression, subject: Subject): Generator<Draft> {
  for (const { name, input, start, end, isGuarded } of expression.calls) {
    const needed = Object.hasOwn(NEEDS, name) ? NEEDS[name] : undefined
    const kind = kindOf(input, expression, subject)
    if (isGuarded || needed === undefined || kind === undefined || needed.includes(kind)) continue
    const what = pathText(input)
    yield {
      ...placeOf(expression, { start, end }),
      message: `${name} needs ${needed.map(article).join(' or ')}, but ${what} is ${article(kind)}, so that the expression fails and is null`,
      ...(kind === 'array' &&
        needed[0] === 'string' && { advice: `Call it on each item: ${what} | map(${name})` }),
    }
  }
}

function* operatorsOf(expression: LintedExpression, subject: Subject): Generator<Draft> {
  for (const { operator, left, right, start, end, isGuarded } of expression.operators) {
    const kinds = [left, right].map((operand) => kindOfOperand(operand, expression, subject))
    const [first, second] = kinds
    if (isGuarded || first === undefined || second === undefined || first === second) continue
    const place = placeOf(expression, { start, end })
    if (operator === '+') {
      const other = [left, right][kinds.findIndex((kind) => kind !== 'string')]
      const isText = kinds.includes('string')
      yield {
        ...place,
        message: `jq does not add ${article(first)} and ${article(second)}, so that the expression fails and is null`,
        ...(isText &&
          other?.type === 'path' && {
            advice: `Make it text: (${pathText(other.segments)} | tostring)`,
          }),
      }
      continue
    }
    const path = [left, right].find((operand) => operand.type === 'path')
    yield {
      ...place,
      severity: 'warning',
      message: `The comparison is always ${operator === '==' ? 'false' : 'true'}: it compares ${article(first)} and ${article(second)}`,
      ...(path?.type === 'path' && {
        advice: `Compare ${pathText(path.segments)} with ${article(kindOf(path.segments, expression, subject) ?? 'string')}`,
      }),
    }
  }
}

function placeOf(
  { text, start: base }: LintedExpression,
  { start, end }: { start: number; end: number },
): Pick<Draft, 'path' | 'isKey' | 'span'> {
  return {
    path: text.path,
    ...(text.isKey && { isKey: true }),
    span: { index: base + start, length: end - start },
  }
}

function kindOfOperand(
  operand: Operand,
  expression: LintedExpression,
  subject: Subject,
): Kind | undefined {
  return operand.type === 'path' ? kindOf(operand.segments, expression, subject) : operand.type
}

/** The type of what stands at a path whenever it is not null, where that is certain. */
function kindOf(
  segments: readonly (string | null)[],
  { scope }: LintedExpression,
  { inputs, trigger }: Subject,
): Kind | undefined {
  if (trigger.type === 'node') return undefined
  const [root, name] = segments
  if (root === (scope === 'form' ? 'form' : 'inputs') && scope !== 'condition') {
    const input = typeof name === 'string' && segments.length === 2 ? inputs?.get(name) : undefined
    return input && kindOfInput(input)
  }
  const path = segments.join('.')
  return scope === 'template' && Object.hasOwn(TRIGGER_DATA, path) ? TRIGGER_DATA[path] : undefined
}

/** Formats of text. With others, such as `entity`, Port can give more than the text. */
const TEXT_FORMATS = ['url', 'email', 'date-time', 'markdown', 'multi-line']

function kindOfInput({ type, definition }: UserInput): Kind | undefined {
  const { format, encryption } = definition
  if (encryption !== undefined) return undefined
  const isPlain = format === undefined || TEXT_FORMATS.some((known) => known === format)
  if (type === 'string') return isPlain ? type : undefined
  return KINDS.find((kind) => kind === type)
}

const KINDS: readonly Kind[] = ['string', 'number', 'boolean', 'array', 'object']

const TRIGGER_DATA: Readonly<Record<string, Kind>> = {
  'run.id': 'string',
  'action.identifier': 'string',
  'entity.identifier': 'string',
  'entity.title': 'string',
  'entity.blueprint': 'string',
  'trigger.by.user.email': 'string',
}

/** What functions of jq need; of others it is not known here, or they take anything. */
const NEEDS: Readonly<Record<string, readonly Kind[]>> = {
  ...Object.fromEntries(
    [
      ...['ascii_downcase', 'ascii_upcase', 'explode', 'fromjson', 'test', 'match', 'capture'],
      ...['scan', 'split', 'splits', 'sub', 'gsub', 'startswith', 'endswith', 'fromdate', 'trim'],
    ].map((name): [string, readonly Kind[]] => [name, ['string']]),
  ),
  ...Object.fromEntries(
    ['floor', 'ceil', 'round', 'sqrt', 'todate'].map((name): [string, readonly Kind[]] => [
      name,
      ['number'],
    ]),
  ),
  ...Object.fromEntries(
    ['map', 'keys', 'add', 'join', 'to_entries', 'with_entries', 'any', 'all', 'flatten'].map(
      (name): [string, readonly Kind[]] => [name, ['array', 'object']],
    ),
  ),
  ...Object.fromEntries(
    ['sort', 'sort_by', 'unique', 'unique_by', 'group_by', 'min', 'max', 'implode'].map(
      (name): [string, readonly Kind[]] => [name, ['array']],
    ),
  ),
  tonumber: ['string', 'number'],
}

function article(kind: Kind): string {
  return `${/^[ao]/.test(kind) ? 'an' : 'a'} ${kind}`
}
