// Reads jq's syntax (1.8, and where 1.6 reads it otherwise) as far as its versions differ: which functions, formats,
// numbers and operators an expression uses, and where. What is not an expression of jq is given up.
import { type Span, type Token, TokenReader, UnknownSyntax } from './tokens.ts'

/** What a reader is told, in the order in which the parts end. */
export interface SyntaxVisitor {
  /** A function that the expression does not define itself, with the text of its arguments. */
  call(name: string, args: readonly string[]): void
  /** `@name`; `text` is the string that follows, if one does. */
  format(name: string, text: string | undefined, span: Span): void
  number(text: string, span: Span): void
  /** What stands alone in brackets: `.[.key]`, but not `.[1:2]`. */
  index(span: Span): void
  operator(operator: string, left: Span, operatorSpan: Span, right: Span): void
  /** `1 + .a as $x | body`: until 1.8 the binding belongs to the last term only. */
  binding(term: Span, body: Span): void
  /** `try`, or `?` after anything but an index. */
  catching(): void
  /** The first line of a comment that goes on in the next one. */
  longComment(firstLine: Span): void
  /** Something that earlier versions do not accept. */
  novelty(novelty: Novelty): void
}

export type Novelty =
  | 'carriage return'
  | 'if without else'
  | 'dot bracket'
  | 'keyword variable'
  | 'keyword shorthand'
  | 'variable key'
  | 'operator in object'
  | 'statement as term'
  | 'operator before as'

/** @returns false if it is not an expression that this reader knows */
export function readSyntax(text: string, visitor: SyntaxVisitor): boolean {
  try {
    new SyntaxReader(text, visitor).read()
    return true
  } catch (error) {
    // Anything that is nested too deeply is given up too.
    if (error instanceof UnknownSyntax || error instanceof RangeError) return false
    throw error
  }
}

/** One term, or several with operators between them. */
interface Operand extends Span {
  /** Whether it is a single term for jq 1.6, which knows fewer. */
  isTerm: boolean
  /** The last term in it, without a minus before it. */
  last: Span & { isTerm: boolean }
}

const keywords = new Set(
  'as def module import include if then else elif end reduce foreach and or try catch label break __loc__'.split(
    ' ',
  ),
)

/** How strongly binary operators bind. */
const precedences = new Map<string, number>([
  ['//', 1],
  ...['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='].map((sign) => [sign, 2] as const),
  ['or', 3],
  ['and', 4],
  ...['==', '!=', '<', '>', '<=', '>='].map((sign) => [sign, 5] as const),
  ['+', 6],
  ['-', 6],
  ['*', 7],
  ['/', 7],
  ['%', 7],
])

class SyntaxReader {
  readonly #tokens: TokenReader
  readonly #visitor: SyntaxVisitor
  /** The functions that the expression defines, as `name/arity`, from the outermost scope to the innermost. */
  #defined: readonly string[] = []

  constructor(text: string, visitor: SyntaxVisitor) {
    this.#tokens = new TokenReader(text, {
      carriageReturn: () => visitor.novelty('carriage return'),
      longComment: (firstLine) => visitor.longComment(firstLine),
    })
    this.#visitor = visitor
  }

  read(): void {
    this.#query()
    this.#tokens.expect('')
  }

  // Queries: everything that `|` and `,` join.

  #query(): void {
    do this.#queryPart()
    while (this.#tokens.take('|') || this.#tokens.take(','))
  }

  #queryPart(): void {
    if (this.#tokens.take('def')) {
      this.#definition()
      return
    }
    if (this.#tokens.take('label')) {
      this.#variable()
      this.#tokens.expect('|')
      this.#query()
      return
    }
    const source = this.#expression(0)
    const tryPart = this.#tryPart
    if (!this.#tokens.take('as')) return
    this.#patterns()
    this.#tokens.expect('|')
    this.#query()
    if (source.isTerm) return
    // Until 1.8 the last part of `try` takes the binding.
    const isTry = this.#tokens.text.startsWith('try', source.last.start)
    if (isTry) this.#visitor.binding(tryPart, { start: tryPart.end, end: this.#tokens.end })
    else if (source.last.isTerm)
      this.#visitor.binding(source.last, { start: source.last.end, end: this.#tokens.end })
    else this.#visitor.novelty('statement as term')
  }

  #definition(): void {
    const name = this.#tokens.expectType('word').text
    const parameters: string[] = []
    const outside = this.#defined
    if (this.#tokens.take('(')) {
      do {
        const isValue = this.#tokens.peek().type === 'variable'
        const parameter = isValue ? this.#variable() : this.#tokens.expectType('word').text
        parameters.push(`${parameter}/0`)
      } while (this.#tokens.take(';'))
      this.#tokens.expect(')')
    }
    this.#tokens.expect(':')
    const own = `${name}/${parameters.length}`
    this.#defined = [...outside, own, ...parameters]
    this.#query()
    this.#tokens.expect(';')
    this.#defined = [...outside, own]
    this.#query()
    this.#defined = outside
  }

  // Expressions: terms and the operators between them.

  #expression(least: number): Operand {
    let left = this.#operand()
    for (;;) {
      const sign = this.#tokens.peek()
      const precedence = isSign(sign) ? precedences.get(sign.text) : undefined
      if (precedence === undefined || precedence < least) return left
      this.#tokens.advance()
      const right = this.#expression(sign.text === '//' ? precedence : precedence + 1)
      this.#visitor.operator(sign.text, left, sign, right)
      left = { start: left.start, end: right.end, isTerm: false, last: right.last }
    }
  }

  #operand(): Operand {
    const { start } = this.#tokens.peek()
    while (this.#tokens.take('-')) {}
    const termStart = this.#tokens.peek().start
    const isTerm = this.#term()
    const end = this.#tokens.end
    const last = { start: termStart, end, isTerm }
    return { start, end, isTerm: isTerm && start === termStart, last }
  }

  /** @returns whether it is a term for jq 1.6 too */
  #term(): boolean {
    const { start } = this.#tokens.peek()
    let isTerm = this.#bareTerm()
    for (;;) {
      const { type, text } = this.#tokens.peek()
      if (type === 'field') this.#tokens.advance()
      else if (text === '.') {
        this.#tokens.advance()
        if (this.#tokens.peek().type === 'string') this.#string()
        else if (this.#tokens.peek().text === '[') {
          if (this.#tokens.end - start > 1) this.#visitor.novelty('dot bracket')
          this.#brackets()
        } else throw new UnknownSyntax()
      } else if (text === '[') this.#brackets()
      else if (this.#tokens.take('?')) {
        // Until 1.8 `?` makes a term only of an index; of anything else it makes an expression.
        if (!this.#isIndex) {
          isTerm = false
          this.#visitor.catching()
        }
        this.#isIndex = false
        continue
      } else return isTerm
      if (!isTerm) this.#visitor.novelty('statement as term')
      this.#isIndex = true
    }
  }

  /** What the `try` that was read last tries, or does on an error. */
  #tryPart: Span = { start: 0, end: 0 }

  /** Whether the part of a term that was read last is an index: `.a`, `[0]`. */
  #isIndex = false

  #bareTerm(): boolean {
    const token = this.#tokens.peek()
    this.#isIndex = token.type === 'field'
    switch (token.type) {
      case 'string':
        this.#string()
        return true
      case 'format': {
        this.#tokens.advance()
        const text = this.#tokens.peek().type === 'string' ? this.#string() : undefined
        this.#visitor.format(token.text, text, { start: token.start, end: this.#tokens.end })
        return true
      }
      case 'number':
        this.#tokens.advance()
        this.#visitor.number(token.text, token)
        return true
      case 'field':
        this.#tokens.advance()
        return true
      case 'variable':
        this.#variable()
        return true
      case 'word':
        return this.#word(token)
      default:
        return this.#signTerm(token)
    }
  }

  #signTerm({ text }: Token): boolean {
    if (text === '.') {
      this.#tokens.advance()
      const { type, text: next } = this.#tokens.peek()
      if (type === 'string') this.#string()
      else if (next === '[') this.#brackets()
      else return true
      this.#isIndex = true
      return true
    }
    if (this.#tokens.take('..')) return true
    if (this.#tokens.take('(')) {
      this.#query()
      this.#tokens.expect(')')
      this.#isIndex = false
      return true
    }
    if (this.#tokens.take('[')) {
      if (!this.#tokens.take(']')) {
        this.#query()
        this.#tokens.expect(']')
      }
      this.#isIndex = false
      return true
    }
    if (text === '{') {
      this.#object()
      this.#isIndex = false
      return true
    }
    throw new UnknownSyntax()
  }

  #word(token: Token): boolean {
    switch (token.text) {
      case 'if':
        this.#conditional()
        return false
      case 'try':
        this.#visitor.catching()
        this.#tokens.advance()
        this.#tryPart = this.#operand()
        if (this.#tokens.take('catch')) this.#tryPart = this.#operand()
        this.#isIndex = false
        return false
      case 'reduce':
      case 'foreach':
        this.#fold()
        return false
      case 'break':
        this.#tokens.advance()
        this.#variable()
        return true
      default:
        if (keywords.has(token.text)) throw new UnknownSyntax()
        this.#call(token)
        return true
    }
  }

  #call({ text: name }: Token): void {
    this.#tokens.advance()
    const args: string[] = []
    if (this.#tokens.take('(')) {
      do {
        const from = this.#tokens.end
        this.#query()
        args.push(this.#tokens.text.slice(from, this.#tokens.end).trim())
      } while (this.#tokens.take(';'))
      this.#tokens.expect(')')
    }
    this.#isIndex = false
    if (this.#defined.includes(`${name}/${args.length}`)) return
    this.#visitor.call(name, args)
  }

  #conditional(): void {
    this.#tokens.advance()
    do {
      this.#query()
      this.#tokens.expect('then')
      this.#query()
    } while (this.#tokens.take('elif'))
    if (this.#tokens.take('else')) this.#query()
    else this.#visitor.novelty('if without else')
    this.#tokens.expect('end')
    this.#isIndex = false
  }

  #fold(): void {
    this.#tokens.advance()
    const source = this.#expression(0)
    this.#tokens.expect('as')
    if (!source.isTerm) this.#visitor.novelty('operator before as')
    this.#patterns()
    this.#tokens.expect('(')
    do this.#query()
    while (this.#tokens.take(';'))
    this.#tokens.expect(')')
    this.#isIndex = false
  }

  #brackets(): void {
    this.#tokens.expect('[')
    if (this.#tokens.take(']')) return
    if (!this.#tokens.take(':')) {
      const { start } = this.#tokens.peek()
      this.#query()
      const { end } = this.#tokens
      if (this.#tokens.take(']')) {
        this.#visitor.index({ start, end })
        return
      }
      this.#tokens.expect(':')
      if (this.#tokens.take(']')) return
    }
    this.#query()
    this.#tokens.expect(']')
  }

  #object(): void {
    this.#tokens.expect('{')
    while (!this.#tokens.take('}')) {
      this.#pair()
      if (this.#tokens.take(',')) continue
      this.#tokens.expect('}')
      return
    }
  }

  #pair(): void {
    const key = this.#tokens.peek()
    if (key.type === 'variable') {
      this.#variable()
      if (key.text === '$__loc__') this.#visitor.novelty('keyword shorthand')
      if (this.#tokens.peek().text === ':') this.#visitor.novelty('variable key')
    } else if (key.type === 'word') {
      this.#tokens.advance()
      if (keywords.has(key.text) && this.#tokens.peek().text !== ':') {
        this.#visitor.novelty('keyword shorthand')
      }
    } else if (key.type === 'format') {
      this.#bareTerm()
    } else if (key.type === 'string') this.#string()
    else {
      this.#tokens.expect('(')
      this.#query()
      this.#tokens.expect(')')
    }
    if (!this.#tokens.take(':')) return
    do this.#objectValue()
    while (this.#tokens.take('|'))
  }

  /** Until 1.8 a value is a term, with a minus or without. */
  #objectValue(): void {
    const value = this.#expression(0)
    if (value.isTerm) return
    const isSingle = /^[-\s]*$/.test(this.#tokens.text.slice(value.start, value.last.start))
    if (isSingle && value.last.isTerm) return
    this.#visitor.novelty(isSingle ? 'statement as term' : 'operator in object')
  }

  #patterns(): void {
    do this.#pattern()
    while (this.#tokens.take('?//'))
  }

  #pattern(): void {
    if (this.#tokens.take('[')) {
      do this.#pattern()
      while (this.#tokens.take(','))
      this.#tokens.expect(']')
      return
    }
    if (!this.#tokens.take('{')) {
      this.#variable()
      return
    }
    do {
      const { type, text } = this.#tokens.peek()
      if (type === 'variable') this.#variable()
      else if (type === 'string' || type === 'format') this.#bareTerm()
      else if (text === '(') this.#signTerm(this.#tokens.peek())
      else this.#tokens.expectType('word')
      if (this.#tokens.take(':')) this.#pattern()
      else if (type !== 'variable') throw new UnknownSyntax()
    } while (this.#tokens.take(','))
    this.#tokens.expect('}')
  }

  // Tokens.

  /** @returns its name */
  #variable(): string {
    const name = this.#tokens.expectType('variable').text.slice(1)
    if (keywords.has(name) && name !== '__loc__') this.#visitor.novelty('keyword variable')
    return name
  }

  /** @returns the string with its quotes, as it is written */
  #string(): string {
    return this.#tokens.string(() => this.#query())
  }
}

function isSign({ type, text }: Token): boolean {
  return type === 'sign' || (type === 'word' && (text === 'and' || text === 'or'))
}
