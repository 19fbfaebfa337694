// Decides what jq runs next, and what follows from its answers.
import type { Evaluation } from './assemble.ts'
import type { JqFailure } from './expression-failure.ts'
import { isBalanced } from './is-balanced.ts'
import type { JqExpressions } from './jq-expressions.ts'
import { runJq } from './jq-hosts.ts'
import type { JqAnswer } from './jq-job.ts'
import { failed, noOutput, readOutput, uncaughtError } from './jq-output.ts'
import {
  canShare,
  checkProgram,
  findRejected,
  loneProgram,
  readRejection,
  sharedProgram,
} from './jq-program.ts'
import { memoryLimits } from './memory-limits.ts'
import { TimeBudget } from './time-budget.ts'

/** Some expressions that are still to be evaluated on some contexts. */
interface Task {
  filters: readonly string[]
  contexts: readonly number[]
  /** It was stopped once, to let the others go first. Now it gets the time that is left. */
  late?: true
}

/** While others wait, a document gets this part of its payload's remaining time. */
const share = 1 / 4

export class JqEvaluation {
  readonly #expressions: JqExpressions
  readonly #contexts: readonly string[]
  readonly #budgets: readonly TimeBudget[]
  /** Per context and filter: a line of output, or what became of it without one. */
  readonly #results: readonly Map<string, string | Evaluation>[]
  readonly #tasks: Task[] = []

  constructor(expressions: JqExpressions, contexts: readonly string[], timeLimit: number) {
    this.#expressions = expressions
    this.#contexts = contexts
    this.#budgets = contexts.map(() => new TimeBudget(timeLimit))
    this.#results = contexts.map(() => new Map())
  }

  /** Parses an output each time it is asked for, so that no two places of a payload share an object. */
  result(filter: string, context: number): Evaluation {
    const failure = this.#expressions.rejected.get(filter)
    if (failure !== undefined) return { type: 'failure', failure, value: null }
    const result = this.#results[context]?.get(filter)
    return typeof result === 'string' ? readOutput(result) : (result ?? noOutput)
  }

  async run(): Promise<void> {
    const { filters, rejected } = this.#expressions
    const contexts = [...this.#contexts.keys()]
    const left = filters.filter((filter) => !rejected.has(filter))
    this.#tasks.push({ filters: left.filter(canShare), contexts })
    for (const filter of left) {
      if (!isBalanced(filter)) await this.#reject(filter)
      else if (!canShare(filter)) {
        for (const context of contexts) this.#tasks.push({ filters: [filter], contexts: [context] })
      }
    }
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) await this.#do(task)
  }

  async #do({ filters, contexts: all, ...task }: Task): Promise<void> {
    const contexts = all.filter((context) => !this.#budgets[context]?.isSpent)
    for (const context of all) {
      if (!contexts.includes(context)) this.#setAll(context, filters, this.#outOfTime(task))
    }
    const [context] = contexts
    const [filter] = filters
    if (context === undefined || filter === undefined) return

    const granted = this.#grant({ ...task, filters, contexts }, context)
    const documents = contexts.map((index) => this.#contexts[index] ?? 'null')
    const { answer, elapsed } = await runJq(
      { program: canShare(filter) ? sharedProgram(filters) : loneProgram(filter), documents },
      granted,
    )
    const last = contexts[answer.outputs.length] ?? context
    this.#budgets[last]?.charge(elapsed, granted)
    await this.#take({ ...task, filters, contexts }, answer)
  }

  #grant(task: Task, context: number): number {
    const remaining = this.#budgets[context]?.remaining ?? 0
    const others = this.#tasks.filter(({ contexts }) => contexts.includes(context))
    if (task.late) return remaining / (others.length + 1)
    return task.filters.length + others.length > 1 ? remaining * share : remaining
  }

  async #take(task: Task, answer: JqAnswer): Promise<void> {
    if (answer.end === 'rejected') return this.#takeRejection(task, answer.errors)
    for (const [i, lines] of answer.outputs.entries()) {
      const context = task.contexts[i]
      if (context === undefined) break
      this.#setLines(context, task.filters, lines)
      // Only an error that a try does not catch, or a halt, ends a document before its last output.
      const ended = task.filters[lines.length]
      if (ended === undefined) continue
      this.#set(context, ended, uncaughtError(answer.errors))
      this.#tasks.unshift({ filters: task.filters.slice(lines.length + 1), contexts: [context] })
    }
    if (answer.end !== 'done') this.#takeStop(task, answer, answer.end)
  }

  #takeStop(
    task: Task,
    answer: JqAnswer,
    end: Exclude<JqAnswer['end'], 'done' | 'rejected'>,
  ): void {
    const { filters } = task
    const contexts = task.contexts.slice(answer.outputs.length)
    const [context, ...next] = contexts
    if (context === undefined) return
    if (answer.partial === undefined && filters.length > 1) {
      const half = Math.ceil(filters.length / 2)
      this.#tasks.unshift(
        { filters: filters.slice(0, half), contexts },
        { filters: filters.slice(half), contexts },
      )
      return
    }
    const lines = answer.partial ?? []
    this.#setLines(context, filters, lines)
    this.#tasks.unshift(
      { filters: filters.slice(lines.length + 1), contexts: [context] },
      { filters, contexts: next },
    )
    const culprit = filters[lines.length]
    if (culprit === undefined) return
    if (end === 'time-limit' && !task.late) {
      this.#tasks.push({ filters: [culprit], contexts: [context], late: true })
    } else {
      this.#set(context, culprit, this.#stopped(end, answer.errors))
    }
  }

  async #takeRejection({ filters, contexts }: Task, errors: string): Promise<void> {
    const found = findRejected(filters, errors).flatMap((index) => filters[index] ?? [])
    const blamed = new Set(filters.length === 1 ? filters : found)
    for (const filter of blamed) await this.#reject(filter)
    const left = filters.filter((filter) => !blamed.has(filter))
    const half = blamed.size > 0 ? left.length : Math.ceil(left.length / 2)
    this.#tasks.unshift(
      { filters: left.slice(0, half), contexts },
      { filters: left.slice(half), contexts },
    )
  }

  /** Asks jq what it has against an expression as it is written. */
  async #reject(filter: string): Promise<void> {
    const limit = this.#budgets[0]?.limit ?? 0
    const { answer } = await runJq({ program: checkProgram(filter), documents: [] }, limit)
    const message = 'jq does not accept it between parentheses'
    const failure: JqFailure =
      answer.end === 'rejected'
        ? readRejection(filter, answer.errors)
        : { reason: 'compile', message }
    this.#expressions.rejected.set(filter, failure)
  }

  #outOfTime(task: Pick<Task, 'late'>): Evaluation {
    const limit = this.#budgets[0]?.limit
    return failed(
      'time-limit',
      task.late
        ? `It did not end within ${limit} ms, the time limit of a payload`
        : `It was not evaluated, because others had used up the ${limit} ms that a payload has`,
    )
  }

  #stopped(end: 'time-limit' | 'memory-limit' | 'crash', errors: string): Evaluation {
    if (end === 'time-limit') return this.#outOfTime({ late: true })
    if (end === 'crash') return failed('runtime', `jq crashed: ${errors}`)
    const megabytes = Math.round(memoryLimits.heap / 1024 / 1024)
    return failed('memory-limit', `It needed more than the ${megabytes} MB of memory that jq has`)
  }

  #setLines(context: number, filters: readonly string[], lines: readonly string[]): void {
    for (const [i, line] of lines.entries()) {
      const filter = filters[i]
      if (filter !== undefined) this.#set(context, filter, line)
    }
  }

  #setAll(context: number, filters: readonly string[], result: Evaluation): void {
    for (const filter of filters) this.#set(context, filter, result)
  }

  #set(context: number, filter: string, result: string | Evaluation): void {
    this.#results[context]?.set(filter, result)
  }
}
