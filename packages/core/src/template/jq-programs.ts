// jq programs as they stand, without `{{ }}`: those of a mapping file of Port's agent.
import type { Json } from '../json.ts'
import { JqExpressions } from './compiled-template.ts'
import { type Evaluation, failed } from './evaluation.ts'
import type { JqPool } from './jq/pool.ts'
import { type Evaluator, plainExpression } from './plain/plain-expression.ts'
import { evaluatePlain } from './render-template.ts'

export interface JqProgramsOptions {
  /** What `env` and `$ENV` are. Default: nothing, as in templates. */
  environment?: Readonly<Record<string, string>> | undefined
  /** Milliseconds of CPU time that the programs may take together on one value. Default 1000. */
  timeout?: number
  /** The threads that run jq. Default: a pool that everything in this process shares. */
  pool?: JqPool
}

/** A program that jq does not accept. */
export interface RejectedProgram {
  program: string
  /** jq's message. */
  message: string
  /** The index in the program that the message points to. */
  offset?: number
}

const TIMEOUT_MS = 1000

/**
 * Some jq programs that are evaluated together on one value. Each comes to its first output; a program that fails, or
 * has no output, does not touch the others.
 */
export class JqPrograms {
  readonly #plain = new Map<string, Evaluator>()
  readonly #expressions: JqExpressions
  readonly #options: { timeout: number; pool: JqPool | undefined; environment: string | undefined }

  constructor(programs: readonly string[], options: JqProgramsOptions = {}) {
    const { environment, timeout = TIMEOUT_MS, pool } = options
    const others: string[] = []
    for (const program of programs) {
      const evaluator = plainExpression(program)
      if (evaluator) this.#plain.set(program, evaluator)
      else others.push(program)
    }
    this.#expressions = new JqExpressions(others.map((program) => [program, program]))
    const isUsed = others.some((program) => /\benv\b|\$ENV\b/.test(program))
    this.#options = {
      timeout,
      pool,
      environment: environment && isUsed ? JSON.stringify(environment) : undefined,
    }
  }

  /**
   * Has jq compile the programs.
   *
   * @returns those that it does not accept, in their order
   */
  async check(): Promise<RejectedProgram[]> {
    if (this.#expressions.filters.length === 0) return []
    const { checkWithJq } = await import('./jq/evaluate.ts')
    await checkWithJq(this.#expressions, this.#options)
    return this.#expressions.filters.flatMap((program): RejectedProgram[] => {
      const failure = this.#expressions.rejected.get(program)
      if (!failure) return []
      const { message, offset } = failure
      return [{ program, message, ...(offset !== undefined && { offset }) }]
    })
  }

  /**
   * Evaluates the programs on a value.
   *
   * @returns what a program came to; no output is a value that is undefined. A failure whose reason is `limit` says that
   *   its null must not be used.
   */
  async evaluate(value: Json): Promise<(program: string) => Evaluation> {
    const lookUp = await this.#lookUp(value)
    return (program) => {
      const plain = this.#plain.get(program)
      if (plain) return evaluatePlain(plain, value)
      return lookUp?.(program) ?? failed('engine', 'jq did not run')
    }
  }

  async #lookUp(value: Json) {
    if (this.#expressions.filters.length === 0) return undefined
    const { evaluateWithJq } = await import('./jq/evaluate.ts')
    const [lookUp] = await evaluateWithJq(this.#expressions, [value], this.#options)
    return lookUp
  }
}
