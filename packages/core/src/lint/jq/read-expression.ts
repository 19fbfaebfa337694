// Finds what an expression of jq does with its input, as far as that can be told without evaluating it: the paths that it
// reads, the functions that it calls on them, and what it adds and compares.
import { type Token, TokenReader, UnknownSyntax } from '../../template/compat/tokens.ts'
import {
  type CallUse,
  ENVIRONMENT,
  guardFrom,
  type Mark,
  type Operand,
  type OperatorUse,
  type PathUse,
  type Reading,
} from './reading.ts'

/** @returns nothing for an expression whose syntax is not known */
export function readExpression(filter: string): Reading {
  try {
    return new ExpressionReader(filter).read()
  } catch (error) {
    if (error instanceof UnknownSyntax || error instanceof RangeError) {
      return { paths: [], calls: [], operators: [] }
    }
    throw error
  }
}

/** What a part of an expression gives, if it is something of the input. */
type Value = readonly (string | null)[] | undefined

/** The functions that evaluate their arguments on what they get themselves. */
const ON_SAME_INPUT = new Set(
  [
    'has contains inside test match capture scan split splits sub gsub startswith endswith ltrimstr rtrimstr trimstr',
    'join index rindex indices select del first last limit nth isempty error in IN getpath setpath path pick add',
    'strftime strptime strflocaltime flatten range debug tojson splits',
  ].flatMap((line) => line.split(' ')),
)

class ExpressionReader {
  readonly #tokens: TokenReader
  readonly #uses: PathUse[] = []
  readonly #calls: CallUse[] = []
  readonly #operators: OperatorUse[] = []
  /** What variables are bound to. */
  #variables: ReadonlyMap<string, Value> = new Map([['$ENV', [ENVIRONMENT]]])

  constructor(filter: string) {
    this.#tokens = new TokenReader(filter)
  }

  read(): Reading {
    this.#query([])
    this.#tokens.expect('')
    return { paths: this.#uses, calls: this.#calls, operators: this.#operators }
  }

  #query(input: Value): Value {
    let at = input
    for (;;) {
      let value = this.#part(at)
      while (this.#tokens.take(',')) {
        this.#part(at)
        value = undefined
      }
      if (!this.#tokens.take('|')) return value
      at = value
    }
  }

  #part(input: Value): Value {
    const { text, type } = this.#tokens.peek()
    if (type === 'word' && (text === 'def' || text === 'label')) throw new UnknownSyntax()
    const value = this.#expression(input)
    if (!this.#tokens.take('as')) return value
    const outside = this.#variables
    this.#pattern(value)
    this.#tokens.expect('|')
    const result = this.#query(input)
    this.#variables = outside
    return result
  }

  #expression(input: Value): Value {
    const from = this.#mark()
    let value = this.#operand(input)
    let left = this.#last
    let before = ''
    for (;;) {
      const { type, text } = this.#tokens.peek()
      const isWord = type === 'word' && (text === 'and' || text === 'or')
      if (!isWord && !(type === 'sign' && OPERATORS.has(text))) return value
      this.#tokens.advance()
      if (text === '//' || text === '//=') this.#guard(from)
      if ((text === '==' || text === '!=') && this.#tokens.peek().text === 'null')
        this.#guardPaths(from.uses)
      this.#operand(input)
      const right = this.#last
      // What is multiplied binds closer, and what is compared is not compared again.
      const isPair = text === '+' || text === '==' || text === '!='
      if (isPair && left && right && !CLOSER.has(before)) {
        const { start } = left
        const { end } = right
        const operands = { left: left.operand, right: right.operand }
        this.#operators.push({ operator: text, ...operands, start, end, isGuarded: false })
      }
      left = text === '==' || text === '!=' ? undefined : right
      before = text
      value = undefined
    }
  }

  /** What has been found so far, for what guards all that is found from there on. */
  #mark(): Mark {
    return {
      uses: this.#uses.length,
      calls: this.#calls.length,
      operators: this.#operators.length,
    }
  }

  /** The expression goes on if anything that was found since then is null or fails. */
  #guard({ uses, calls, operators }: Mark): void {
    this.#guardPaths(uses)
    guardFrom(this.#calls, calls)
    guardFrom(this.#operators, operators)
  }

  #guardPaths(from: number): void {
    guardFrom(this.#uses, from)
  }

  #operand(input: Value): Value {
    while (this.#tokens.take('-')) {}
    const from = this.#mark()
    const { start, type: first } = this.#tokens.peek()
    let value = this.#bareTerm(input)
    const isLiteral = first === 'string' || first === 'number'
    let isPath = this.#isPath
    let isGuarded = false
    for (;;) {
      const { type, text } = this.#tokens.peek()
      if (type === 'field') {
        this.#tokens.advance()
        value = value && [...value, text.slice(1)]
      } else if (text === '.' && type === 'sign') {
        this.#tokens.advance()
        if (this.#tokens.peek().type === 'string') value = this.#key(value, input)
        else value = this.#brackets(value, input)
      } else if (text === '[' && type === 'sign') value = this.#brackets(value, input)
      else if (this.#tokens.take('?')) {
        isGuarded = true
        guardFrom(this.#calls, from.calls)
        guardFrom(this.#operators, from.operators)
        continue
      } else break
      isPath = true
    }
    const { end } = this.#tokens
    this.#last = undefined
    if (isPath && value && value.length > 0) {
      this.#uses.push({ segments: value, start, end, isGuarded })
      this.#last = { operand: { type: 'path', segments: value }, start, end }
    } else if (isLiteral && !isPath) this.#last = { operand: { type: first }, start, end }
    return value
  }

  /** The operand that was read last, if its type can be known. */
  #last: { operand: Operand; start: number; end: number } | undefined

  /** Whether the term that was read last begins a path of the input: `.`, `.a`, `$x`. */
  #isPath = false

  #bareTerm(input: Value): Value {
    const token = this.#tokens.peek()
    this.#isPath = false
    switch (token.type) {
      case 'string':
        this.#string(input)
        this.#isPath = false
        return undefined
      case 'format':
        this.#tokens.advance()
        if (this.#tokens.peek().type === 'string') this.#string(input)
        this.#isPath = false
        return undefined
      case 'number':
        this.#tokens.advance()
        return undefined
      case 'field':
        this.#tokens.advance()
        this.#isPath = true
        return input && [...input, token.text.slice(1)]
      case 'variable':
        this.#tokens.advance()
        return this.#variables.get(token.text)
      case 'word':
        return this.#word(token, input)
      default:
        return this.#sign(token, input)
    }
  }

  #sign({ text }: Token, input: Value): Value {
    if (text === '.') {
      this.#tokens.advance()
      const { type, text: next } = this.#tokens.peek()
      this.#isPath = true
      if (type === 'string') return this.#key(input, input)
      if (next === '[') return this.#brackets(input, input)
      return input
    }
    if (this.#tokens.take('..')) return undefined
    if (this.#tokens.take('(')) {
      const value = this.#query(input)
      this.#tokens.expect(')')
      this.#isPath = false
      return value
    }
    if (this.#tokens.take('[')) {
      if (!this.#tokens.take(']')) {
        this.#query(input)
        this.#tokens.expect(']')
      }
      this.#isPath = false
      return undefined
    }
    if (text === '{') {
      this.#object(input)
      this.#isPath = false
      return undefined
    }
    throw new UnknownSyntax()
  }

  /** `."a"`, of which the string comes next. */
  #key(value: Value, input: Value): Value {
    const key = this.#string(input)
    this.#isPath = true
    return value && [...value, key ?? null]
  }

  /** @returns the string if nothing is interpolated in it */
  #string(input: Value): string | undefined {
    let isConstant = true
    const text = this.#tokens.string(() => {
      isConstant = false
      this.#query(input)
    })
    if (!isConstant) return undefined
    try {
      return JSON.parse(text)
    } catch {
      return undefined
    }
  }

  #brackets(value: Value, input: Value): Value {
    this.#tokens.expect('[')
    if (this.#tokens.take(']')) return value && [...value, null]
    let key: string | null = null
    if (!this.#tokens.take(':')) {
      const { type } = this.#tokens.peek()
      if (type === 'string') {
        const { start } = this.#tokens.peek()
        const text = this.#string(input)
        if (this.#tokens.peek().text === ']') key = text ?? null
        else this.#rest(input, start)
      } else this.#query(input)
      if (this.#tokens.take(']')) {
        this.#isPath = true
        return value && [...value, key]
      }
      this.#tokens.expect(':')
      if (this.#tokens.take(']')) return undefined
    }
    this.#query(input)
    this.#tokens.expect(']')
    return undefined
  }

  /** What follows a string in brackets: `["a" + .b]`. */
  #rest(input: Value, start: number): void {
    const { type, text } = this.#tokens.peek()
    if (type !== 'sign' || !OPERATORS.has(text) || start < 0) throw new UnknownSyntax()
    this.#tokens.advance()
    this.#query(input)
  }

  #object(input: Value): void {
    this.#tokens.expect('{')
    while (!this.#tokens.take('}')) {
      const key = this.#tokens.peek()
      let isShort = false
      if (key.type === 'variable') this.#tokens.advance()
      else if (key.type === 'word') {
        this.#tokens.advance()
        isShort = this.#tokens.peek().text !== ':'
        if (isShort && input) {
          const { start, end } = key
          this.#uses.push({ segments: [...input, key.text], start, end, isGuarded: true })
        }
      } else if (key.type === 'string') this.#string(input)
      else if (key.type === 'format') this.#bareTerm(input)
      else {
        this.#tokens.expect('(')
        this.#query(input)
        this.#tokens.expect(')')
      }
      if (this.#tokens.take(':')) {
        let at: Value = input
        do at = this.#expression(at)
        while (this.#tokens.take('|'))
      }
      if (this.#tokens.take(',')) continue
      this.#tokens.expect('}')
      return
    }
  }

  #word(token: Token, input: Value): Value {
    const { text } = token
    if (KEYWORDS.has(text)) throw new UnknownSyntax()
    this.#tokens.advance()
    if (text === 'if') return this.#conditional(input)
    if (text === 'try') {
      const from = this.#mark()
      this.#operand(input)
      this.#guard(from)
      if (this.#tokens.take('catch')) this.#operand(undefined)
      this.#isPath = false
      return undefined
    }
    if (text === 'reduce' || text === 'foreach') return this.#fold(input)
    if (text === 'env') {
      this.#isPath = true
      return [ENVIRONMENT]
    }
    if (input && input.length > 0) {
      const { start, end } = token
      this.#calls.push({ name: text, input, start, end, isGuarded: false })
    }
    return this.#call(text, input)
  }

  #conditional(input: Value): Value {
    do {
      const first = this.#uses.length
      this.#query(input)
      this.#guardPaths(first)
      this.#tokens.expect('then')
      this.#query(input)
    } while (this.#tokens.take('elif'))
    if (this.#tokens.take('else')) this.#query(input)
    this.#tokens.expect('end')
    this.#isPath = false
    return undefined
  }

  #fold(input: Value): Value {
    const value = this.#operand(input)
    this.#tokens.expect('as')
    const outside = this.#variables
    this.#pattern(value)
    this.#tokens.expect('(')
    do this.#query(undefined)
    while (this.#tokens.take(';'))
    this.#tokens.expect(')')
    this.#variables = outside
    this.#isPath = false
    return undefined
  }

  #call(name: string, input: Value): Value {
    this.#isPath = false
    if (!this.#tokens.take('(')) return undefined
    const inner = ON_SAME_INPUT.has(name) ? input : undefined
    const first = this.#uses.length
    let count = 0
    let value: Value
    do {
      count++
      const key = this.#tokens.peek()
      value = this.#query(inner)
      if (name === 'has' && input && key.type === 'string') this.#has(key, input)
    } while (this.#tokens.take(';'))
    this.#tokens.expect(')')
    if (name === 'select' || name === 'del' || name === 'isempty') this.#guardPaths(first)
    this.#isPath = false
    if (name === 'select') return input
    return (name === 'first' || name === 'last') && count === 1 ? value : undefined
  }

  #has({ start }: Token, input: readonly (string | null)[]): void {
    const { end, text } = this.#tokens
    try {
      const key: unknown = JSON.parse(text.slice(start, end))
      if (typeof key !== 'string') return
      this.#uses.push({ segments: [...input, key], start, end, isGuarded: true })
    } catch {
      // An expression that begins with a string.
    }
  }

  #pattern(value: Value): void {
    const { type, text } = this.#tokens.peek()
    if (type !== 'variable') throw new UnknownSyntax()
    this.#tokens.advance()
    this.#variables = new Map([...this.#variables, [text, value]])
    if (this.#tokens.peek().text === '?//') throw new UnknownSyntax()
  }
}

/** The operators that bind closer than those that add and compare. */
const CLOSER = new Set(['*', '/', '%'])

const OPERATORS = new Set('// = |= += -= *= /= %= //= == != < > <= >= + - * / %'.split(' '))

const KEYWORDS = new Set(
  'as def module import include then elif else end and or catch label break __loc__'.split(' '),
)
