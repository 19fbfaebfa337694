const blank = /[ \t\r\n]*/y
// Raw control characters are allowed in jq's strings; NUL would end jq's program.
const string = /"(?:[^"\\\0]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"/y
const word = /[a-z]+(?![A-Za-z0-9_:])/y

/** Takes the text of an expression token by token. */
export class ExpressionReader {
  readonly #text: string
  #index = 0
  #failed = false

  constructor(text: string) {
    this.#text = text
  }

  /** The match of a sticky pattern, after blanks. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    this.#skipBlanks()
    return this.takeHere(pattern)
  }

  takeHere(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#index
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#index = pattern.lastIndex
    return match
  }

  takeText(text: string): boolean {
    this.#skipBlanks()
    if (!this.#text.startsWith(text, this.#index)) return false
    this.#index += text.length
    return true
  }

  takeWord(expected: string): boolean {
    const start = this.#index
    if (this.take(word)?.[0] === expected) return true
    this.#index = start
    return false
  }

  /** The value of a string without interpolation. */
  takeString(): string | undefined {
    this.#skipBlanks()
    return this.takeStringHere()
  }

  takeStringHere(): string | undefined {
    const match = this.takeHere(string)
    if (match === undefined) return undefined
    const value = stringValue(match[0])
    return value.isWellFormed() ? value : this.fail()
  }

  /** Gives the expression up: what follows may read on, but the end is never reached. */
  fail(): undefined {
    this.#failed = true
    return undefined
  }

  isAtEnd(): boolean {
    this.#skipBlanks()
    return !this.#failed && this.#index === this.#text.length
  }

  #skipBlanks(): void {
    this.takeHere(blank)
  }
}

function stringValue(token: string): string {
  const json = token.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: jq allows them, JSON does not.
    /[\u0001-\u001f]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return JSON.parse(json)
}
