// Reads the expressions that make up most templates, so that they can be evaluated without jq.
//
// Counted in the action definitions of Port's public docs, paths and `has` conditionals are more
// than nine tenths of all expressions. Whatever this parser does not know for certain it leaves to
// jq; a test compares its results with jq's.
import type { Json } from '../../json.ts'
import { ExpressionReader } from './expression-reader.ts'
import { hasKey, indexValue, isTruthy } from './operations.ts'

/** Evaluates an expression that has exactly one output; throws a JqRuntimeError. */
export type Evaluator = (context: Json) => Json

/**
 * An evaluator for an expression made of paths (`.a.b`, `."x y"`, `.a["b"][0]`, `.`), constants,
 * `| has("x")`, `==` and `!=` with a constant, `//`, `if … then … else … end` and parentheses.
 *
 * @returns undefined for any other expression
 */
export function plainExpression(filter: string): Evaluator | undefined {
  const reader = new ExpressionReader(filter)
  const evaluator = readPipe(reader, 0)
  return reader.isAtEnd() ? evaluator : undefined
}

/**
 * The path that an expression begins with: of `.a["b"] | length` it is `a`, `b`.
 *
 * @returns undefined for an expression that begins with anything else
 */
export function leadingPath(filter: string): (string | number)[] | undefined {
  const path = readPathKeys(new ExpressionReader(filter))
  return path?.length === 0 ? undefined : path
}

const maxNesting = 50

const field = /\.([A-Za-z_][A-Za-z0-9_]*)/y
const identity = /\.(?!\.)/y
const arrayIndex = /0|-?[1-9][0-9]{0,8}/y
const natural = /(?:0|[1-9][0-9]{0,14})(?![0-9.eE])/y

function readPipe(reader: ExpressionReader, depth: number): Evaluator | undefined {
  const left = readAlternative(reader, depth)
  if (left === undefined || !reader.takeText('|')) return left
  if (!reader.takeWord('has') || !reader.takeText('(')) return undefined
  const key = reader.takeString()
  if (key === undefined || !reader.takeText(')')) return undefined
  return (context) => hasKey(left(context), key)
}

function readAlternative(reader: ExpressionReader, depth: number): Evaluator | undefined {
  if (depth > maxNesting) return undefined
  const left = readComparison(reader, depth)
  if (left === undefined || !reader.takeText('//')) return left
  const right = readAlternative(reader, depth + 1)
  if (right === undefined) return undefined
  return (context) => {
    const value = left(context)
    return isTruthy(value) ? value : right(context)
  }
}

function readComparison(reader: ExpressionReader, depth: number): Evaluator | undefined {
  const left = readTerm(reader, depth)
  if (left === undefined) return undefined
  const isEqual = reader.takeText('==')
  if (!isEqual && !reader.takeText('!=')) return left
  const constant = readConstant(reader)
  if (constant === undefined) return undefined
  return (context) => {
    const value = left(context)
    return ((typeof value === 'string' ? value.toWellFormed() : value) === constant()) === isEqual
  }
}

function readTerm(reader: ExpressionReader, depth: number): Evaluator | undefined {
  if (reader.takeText('(')) {
    const inner = readPipe(reader, depth + 1)
    return reader.takeText(')') ? inner : undefined
  }
  if (reader.takeWord('if')) return readConditional(reader, depth)
  return readPath(reader) ?? readConstant(reader)
}

function readConditional(reader: ExpressionReader, depth: number): Evaluator | undefined {
  const condition = readPipe(reader, depth + 1)
  if (condition === undefined || !reader.takeWord('then')) return undefined
  const yes = readPipe(reader, depth + 1)
  if (yes === undefined || !reader.takeWord('else')) return undefined
  const no = readPipe(reader, depth + 1)
  if (no === undefined || !reader.takeWord('end')) return undefined
  return (context) => (isTruthy(condition(context)) ? yes(context) : no(context))
}

function readPath(reader: ExpressionReader): Evaluator | undefined {
  const keys = readPathKeys(reader)
  return keys && ((context) => keys.reduce<Json>(indexValue, context))
}

function readPathKeys(reader: ExpressionReader): (string | number)[] | undefined {
  const keys: (string | number)[] = []
  const first = reader.take(field)
  if (first !== undefined) keys.push(first[1] ?? '')
  else if (reader.take(identity) === undefined) return undefined
  else {
    const quoted = reader.takeStringHere()
    if (quoted !== undefined) keys.push(quoted)
  }
  for (;;) {
    const key = readStep(reader)
    if (key === undefined) return keys
    keys.push(key)
  }
}

/** `.a`, `."a"`, `["a"]`, `.["a"]` or `[0]`, or undefined where the path ends. */
function readStep(reader: ExpressionReader): string | number | undefined {
  const plain = reader.take(field)
  if (plain !== undefined) return plain[1]
  const hasDot = reader.takeText('.')
  const quoted = hasDot ? reader.takeStringHere() : undefined
  if (quoted !== undefined) return quoted
  if (!reader.takeText('[')) return hasDot ? reader.fail() : undefined
  const number = reader.take(arrayIndex)
  const key = number === undefined ? reader.takeString() : Number(number[0])
  return key !== undefined && reader.takeText(']') ? key : reader.fail()
}

function readConstant(reader: ExpressionReader): (() => Json) | undefined {
  const number = reader.take(natural)
  const text = number === undefined ? reader.takeString() : undefined
  const value = number === undefined ? (text ?? readLiteral(reader)) : Number(number[0])
  return value === undefined ? undefined : () => value
}

function readLiteral(reader: ExpressionReader): boolean | null | undefined {
  if (reader.takeWord('null')) return null
  if (reader.takeWord('true')) return true
  if (reader.takeWord('false')) return false
  return undefined
}
