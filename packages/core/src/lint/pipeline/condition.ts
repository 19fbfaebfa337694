// Evaluates the conditions of GitLab's rules (`if`) as far as the variables of a pipeline are known.
// https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions

/** What is known of a variable. */
export type Variable =
  | { type: 'text'; text: string }
  /** It is set to something that is not known. */
  | { type: 'set' }
  | { type: 'unset' }
  | { type: 'unknown' }

export type Variables = (name: string) => Variable

/** @returns undefined if it depends on what is not known, or if the condition cannot be read */
export function evaluateCondition(condition: string, variables: Variables): boolean | undefined {
  try {
    const evaluator = new Evaluator(condition, variables)
    return evaluator.evaluate()
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

class Unreadable extends Error {}

type Operand = Variable | { type: 'pattern'; pattern: RegExp | undefined }

const TOKEN =
  /\s*(?:(\|\||&&|==|!=|=~|!~|\(|\))|\$\{?(\w+)\}?|"([^"]*)"|'([^']*)'|\/((?:[^/\\]|\\.)+)\/([a-z]*)|(null)\b)/y

type Token =
  | { type: 'sign'; sign: string }
  | { type: 'operand'; operand: Operand }
  | { type: 'end' }

class Evaluator {
  readonly #tokens: Token[] = []
  #next = 0

  constructor(condition: string, variables: Variables) {
    const text = condition.trim()
    TOKEN.lastIndex = 0
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text)
      if (!match) throw new Unreadable()
      const [, sign, name, double, single, pattern, flags] = match
      if (sign !== undefined) this.#tokens.push({ type: 'sign', sign })
      else if (name !== undefined) {
        this.#tokens.push({ type: 'operand', operand: variables(name) })
      } else if (pattern !== undefined) {
        this.#tokens.push({
          type: 'operand',
          operand: { type: 'pattern', pattern: compile(pattern, flags ?? '') },
        })
      } else {
        const string = double ?? single
        const operand: Operand =
          string === undefined ? { type: 'unset' } : { type: 'text', text: string }
        this.#tokens.push({ type: 'operand', operand })
      }
    }
  }

  evaluate(): boolean | undefined {
    const result = this.#or()
    if (this.#peek().type !== 'end') throw new Unreadable()
    return result
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { type: 'end' }
  }

  #take(sign: string): boolean {
    const token = this.#peek()
    if (token.type !== 'sign' || token.sign !== sign) return false
    this.#next++
    return true
  }

  #or(): boolean | undefined {
    let result = this.#and()
    while (this.#take('||')) {
      const other = this.#and()
      result = result === true || other === true ? true : result === false ? other : undefined
    }
    return result
  }

  #and(): boolean | undefined {
    let result = this.#comparison()
    while (this.#take('&&')) {
      const other = this.#comparison()
      result = result === false || other === false ? false : result === true ? other : undefined
    }
    return result
  }

  #comparison(): boolean | undefined {
    if (this.#take('(')) {
      const inner = this.#or()
      if (!this.#take(')')) throw new Unreadable()
      return inner
    }
    const left = this.#operand()
    for (const sign of ['==', '!=', '=~', '!~']) {
      if (!this.#take(sign)) continue
      const right = this.#operand()
      const result = sign.endsWith('~') ? matches(left, right) : equals(left, right)
      return result === undefined ? undefined : sign.startsWith('!') ? !result : result
    }
    return isTruthy(left)
  }

  #operand(): Operand {
    const token = this.#peek()
    if (token.type !== 'operand') throw new Unreadable()
    this.#next++
    return token.operand
  }
}

function compile(pattern: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(pattern, flags.replace(/[^ims]/g, ''))
  } catch {
    return undefined
  }
}

function isTruthy(operand: Operand): boolean | undefined {
  if (operand.type === 'text') return operand.text !== ''
  if (operand.type === 'unset') return false
  return undefined
}

function equals(left: Operand, right: Operand): boolean | undefined {
  if (left.type === 'text' && right.type === 'text') return left.text === right.text
  if (left.type === 'unset' && right.type === 'unset') return true
  const types = [left.type, right.type]
  if (types.includes('unset') && (types.includes('text') || types.includes('set'))) return false
  return undefined
}

function matches(left: Operand, right: Operand): boolean | undefined {
  if (right.type !== 'pattern' || right.pattern === undefined) return undefined
  if (left.type === 'text') return right.pattern.test(left.text)
  if (left.type === 'unset') return right.pattern.test('')
  return undefined
}
