// Takes the text of an expression of jq apart.

/** A half-open range of an expression's text. */
export interface Span {
  start: number
  end: number
}

/** The text is not an expression of jq, as far as is known here. */
export class UnknownSyntax extends Error {}

type TokenType = 'end' | 'string' | 'format' | 'number' | 'field' | 'variable' | 'word' | 'sign'

export interface Token extends Span {
  type: TokenType
  text: string
}

const blank = /[ \t\r\n]+|#(?:\\\r?\n|\\[^\n]|[^\\\n])*/y
/** What a reader is told of the text between tokens. */
export interface BlankVisitor {
  carriageReturn(): void
  /** A comment whose first line ends with a backslash, so that it goes on in the next one. */
  longComment(firstLine: Span): void
}

const tokens: readonly (readonly [TokenType, RegExp])[] = [
  ['string', /"/y],
  ['format', /@[a-zA-Z0-9_]+/y],
  ['number', /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y],
  ['field', /\.[a-zA-Z_][a-zA-Z0-9_]*/y],
  ['variable', /\$(?:[a-zA-Z_][a-zA-Z_0-9]*::)*[a-zA-Z_][a-zA-Z_0-9]*/y],
  ['word', /(?:[a-zA-Z_][a-zA-Z_0-9]*::)*[a-zA-Z_][a-zA-Z_0-9]*/y],
  ['sign', /\?\/\/|\/\/=|[!=|+\-*/%<>]=|\/\/|\.\.|[.?=;,:|+\-*/%<>()[\]{}]/y],
]
const stringPart = /(?:[^"\\]|\\[^(])*/y

export class TokenReader {
  readonly text: string
  /** The end of the last token that was taken. */
  end = 0
  readonly #visitor: BlankVisitor | undefined
  #index = 0
  #next: Token | undefined

  constructor(text: string, visitor?: BlankVisitor) {
    this.text = text
    this.#visitor = visitor
  }

  peek(): Token {
    this.#next ??= this.#read()
    return this.#next
  }

  #read(): Token {
    for (let space = this.#match(blank); space !== undefined; space = this.#match(blank)) {
      if (space.includes('\r')) this.#visitor?.carriageReturn()
      const begin = this.#index - space.length
      const newline = space.startsWith('#') ? space.indexOf('\n') : -1
      if (newline !== -1) this.#visitor?.longComment({ start: begin, end: begin + newline })
    }
    const start = this.#index
    if (start === this.text.length) return { type: 'end', text: '', start, end: start }
    for (const [type, pattern] of tokens) {
      const text = this.#match(pattern)
      if (text !== undefined) return { type, text, start, end: this.#index }
    }
    throw new UnknownSyntax()
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#index
    const text = pattern.exec(this.text)?.[0]
    if (text !== undefined) this.#index = pattern.lastIndex
    return text
  }

  advance(): void {
    this.end = this.peek().end
    this.#next = undefined
  }

  take(text: string): boolean {
    const next = this.peek()
    if (next.text !== text || next.type === 'string') return false
    this.advance()
    return true
  }

  expect(text: string): void {
    if (!this.take(text)) throw new UnknownSyntax()
  }

  expectType(type: TokenType): Token {
    const token = this.peek()
    if (token.type !== type) throw new UnknownSyntax()
    this.advance()
    return token
  }

  /**
   * Takes a string with what is interpolated in it.
   *
   * @param readQuery reads what follows `\\(`, up to its `)`
   * @returns the string with its quotes, as it is written
   */
  string(readQuery: () => void): string {
    const { start } = this.expectType('string')
    this.#index = start + 1
    for (;;) {
      this.#match(stringPart)
      const char = this.text[this.#index]
      this.#index += char === '"' ? 1 : 2
      if (char === '"') break
      if (char !== '\\') throw new UnknownSyntax()
      readQuery()
      if (this.peek().text !== ')') throw new UnknownSyntax()
      this.#index = this.peek().end
      this.#next = undefined
    }
    this.end = this.#index
    return this.text.slice(start, this.end)
  }
}
