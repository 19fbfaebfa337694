// What GitHub's expressions give, as far as the status of the job alone decides it.

/** The status of a job at a step, and at its end. */
export const JOB_STATUSES = ['success', 'failure', 'cancelled'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

/** What is known to hold something, and no more is known of it. */
const PRESENT = Symbol('present')

/** Undefined if more than the status decides. */
export type Value = string | boolean | typeof PRESENT | undefined

const FUNCTIONS: Readonly<Record<string, (status: JobStatus) => boolean>> = {
  success: (status) => status === 'success',
  failure: (status) => status === 'failure',
  cancelled: (status) => status === 'cancelled',
  always: () => true,
}

/** Whether an expression asks for the status itself. Otherwise `success() &&` goes without saying in an `if`. */
export function asksForStatus(expression: string): boolean {
  return /\b(?:success|failure|cancelled|always)\s*\(/i.test(expression.replaceAll(STRING, "''"))
}

/**
 * Evaluates an expression.
 *
 * @param expression without `${{ }}`
 * @param present paths, in lower case, that are known to hold something: `inputs.port_context`
 */
export function evaluate(
  expression: string,
  status: JobStatus,
  present: readonly string[] = [],
): Value {
  const tokens = tokensOf(expression)
  if (!tokens) return undefined
  const reader = new Reader(tokens, status, present)
  const value = reader.either()
  return reader.isAtEnd ? value : undefined
}

/** Whether a value counts as true. */
export function isTrue(value: Value): boolean | undefined {
  return value === undefined ? undefined : Boolean(value)
}

const STRING = /'(?:[^']|'')*'/g
const TOKEN = /\s*('(?:[^']|'')*'|&&|\|\||==|!=|[!()[\],]|[\w.*-]+)/y

/** Undefined if there is something in it that decides nothing here, such as `<`. */
function tokensOf(expression: string): string[] | undefined {
  const text = expression.trimEnd()
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)?.[1]
    if (token === undefined) return undefined
    tokens.push(token)
  }
  return tokens
}

class Reader {
  readonly #tokens: string[]
  readonly #status: JobStatus
  readonly #present: readonly string[]

  constructor(tokens: string[], status: JobStatus, present: readonly string[]) {
    this.#tokens = tokens
    this.#status = status
    this.#present = present
  }

  get isAtEnd(): boolean {
    return this.#tokens.length === 0
  }

  either(): Value {
    let value = this.#both()
    while (this.#take('||')) {
      const other = this.#both()
      // What could be true wins, whatever the other one is.
      if (value !== undefined) value = value || other
      else if (other === true) value = true
    }
    return value
  }

  #both(): Value {
    let value = this.#comparison()
    while (this.#take('&&')) {
      const other = this.#comparison()
      if (value !== undefined) value = value && other
      else if (isTrue(other) === false) value = false
    }
    return value
  }

  #comparison(): Value {
    let value = this.#term()
    for (;;) {
      const operator = this.#tokens[0]
      if (operator !== '==' && operator !== '!=') return value
      this.#tokens.shift()
      const isSame = equals(value, this.#term())
      value = isSame === undefined ? undefined : isSame === (operator === '==')
    }
  }

  #term(): Value {
    if (this.#take('!')) {
      const value = isTrue(this.#term())
      return value === undefined ? undefined : !value
    }
    if (this.#take('(')) {
      const value = this.either()
      return this.#take(')') ? value : this.#fail()
    }
    const token = this.#tokens.shift()
    if (token === undefined || /^(?:[&|=!)\],]|\()/.test(token)) return this.#fail()
    if (token.startsWith("'")) return text(token)
    if (this.#tokens[0] === '(') return this.#call(token.toLowerCase())
    const hasIndex = this.#tokens[0] === '['
    while (this.#take('[')) this.#skipTo(']')
    return hasIndex ? undefined : this.#path(token.toLowerCase())
  }

  #call(name: string): Value {
    this.#tokens.shift()
    const isPlain = this.#tokens[0] === ')'
    this.#skipTo(')')
    const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
    // `fromJSON(…).runId`
    if (this.#tokens[0]?.startsWith('.')) this.#tokens.shift()
    return isPlain ? call?.(this.#status) : undefined
  }

  #path(name: string): Value {
    if (name === 'true' || name === 'false') return name === 'true'
    if (name === 'job.status') return this.#status
    return this.#present.includes(name) ? PRESENT : undefined
  }

  /** Passes over arguments, with the calls in them. */
  #skipTo(end: ')' | ']'): void {
    for (let depth = 1; depth > 0; ) {
      const token = this.#tokens.shift()
      if (token === undefined) return
      if (token === '(' || token === '[') depth++
      else if (token === ')' || token === ']') depth--
      if (depth === 0 && token !== end) this.#fail()
    }
  }

  #take(token: string): boolean {
    if (this.#tokens[0] !== token) return false
    this.#tokens.shift()
    return true
  }

  /** Leaves something behind, so that it is not at its end. */
  #fail(): undefined {
    this.#tokens.push(')')
    return undefined
  }
}

function text(token: string): string {
  return token.slice(1, -1).replaceAll("''", "'")
}

/** Strings are compared without their case. */
function equals(a: Value, b: Value): boolean | undefined {
  if (a === undefined || b === undefined) return undefined
  if (a === PRESENT || b === PRESENT) return a === '' || b === '' ? false : undefined
  if (typeof a !== typeof b) return undefined
  return String(a).toLowerCase() === String(b).toLowerCase()
}
