// Decides what jq runs next, and what follows from its answers.
import type { Evaluation } from './assemble.ts'
import type { JqFailure } from './expression-failure.ts'
import { isBalanced } from './is-balanced.ts'
import type { JqExpressions } from './jq-expressions.ts'
import { runJq } from './jq-hosts.ts'
import type { JqAnswer } from './jq-job.ts'
import { noOutput, readOutput } from './jq-output.ts'
import {
  canShare,
  checkProgram,
  findRejected,
  loneProgram,
  readRejection,
  sharedProgram,
} from './jq-program.ts'
import { notBegun, notEnded, stopped } from './limit-failures.ts'
import { TimeBudget } from './time-budget.ts'

/** Some expressions that are still to be evaluated on some contexts. */
interface Task {
  filters: readonly string[]
  contexts: readonly number[]
  /** It was stopped once, to let the others go first. Now it gets the time that is left. */
  late?: true
}

/** Of an expression that jq accepts only where it stands alone, though none is known. */
const unfit: JqFailure = { reason: 'compile', message: 'jq does not accept it in parentheses' }

/** jq's compiler takes more than twice the time for twice as many expressions. */
const programSize = 200

export class JqEvaluation {
  readonly #expressions: JqExpressions
  readonly #contexts: readonly string[]
  readonly #timeLimit: number
  readonly #budgets: readonly TimeBudget[]
  /** Per context and filter: a line of output, or what became of it without one. */
  readonly #results: readonly Map<string, string | Evaluation>[]
  readonly #tasks: Task[] = []

  constructor(expressions: JqExpressions, contexts: readonly string[], timeLimit: number) {
    this.#expressions = expressions
    this.#contexts = contexts
    this.#timeLimit = timeLimit
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
    const shared = left.filter(canShare)
    for (let i = 0; i < shared.length; i += programSize) {
      this.#tasks.push({ filters: shared.slice(i, i + programSize), contexts })
    }
    for (const filter of left) {
      if (!isBalanced(filter)) {
        rejected.set(filter, unfit)
        await this.#check(filter)
      } else if (!canShare(filter)) {
        for (const context of contexts) this.#tasks.push({ filters: [filter], contexts: [context] })
      }
    }
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) await this.#do(task)
  }

  async #do({ filters, contexts: all, ...task }: Task): Promise<void> {
    const limit = this.#timeLimit
    const contexts = all.filter((context) => !this.#budgets[context]?.isSpent)
    for (const context of all) {
      if (contexts.includes(context)) continue
      this.#setAll(context, filters, task.late ? notEnded(limit) : notBegun(limit))
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
    // What many took together is the fault of the one where jq had to be stopped, or of none.
    const charged = contexts.length === 1 ? context : contexts[answer.outputs.length]
    if (charged !== undefined) this.#budgets[charged]?.charge(elapsed, granted)
    await this.#take({ ...task, filters, contexts }, answer)
  }

  #grant(task: Task, context: number): number {
    const { remaining = 0, share = 0 } = this.#budgets[context] ?? {}
    const others = this.#tasks.filter(({ contexts }) => contexts.includes(context))
    if (task.late) return remaining / (others.length + 1)
    return task.filters.length + others.length > 1 ? share : remaining
  }

  async #take(task: Task, answer: JqAnswer): Promise<void> {
    if (answer.end === 'rejected') return this.#takeRejection(task, answer.errors)
    for (const [i, lines] of answer.outputs.entries()) {
      const context = task.contexts[i]
      if (context === undefined) break
      this.#setLines(context, task.filters, lines)
      // A halt ends a document before its last output. No error does, as each is caught.
      const ended = task.filters[lines.length]
      if (ended === undefined) continue
      this.#set(context, ended, noOutput)
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
    this.#budgets[context]?.countStop()
    if (answer.partial === undefined && filters.length > 1) {
      this.#tasks.unshift(...halves({ filters, contexts }))
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
      this.#set(context, culprit, stopped(end, answer.errors, this.#timeLimit))
    }
  }

  async #takeRejection({ filters, contexts }: Task, errors: string): Promise<void> {
    const { rejected } = this.#expressions
    // After a syntax error jq can stumble over what follows, so that each is asked for by itself.
    const blamed = findRejected(filters, errors).flatMap((index) => filters[index] ?? [])
    for (const filter of blamed) await this.#check(filter)
    const left = filters.filter((filter) => !rejected.has(filter))
    if (left.length === filters.length) {
      const [filter, ...others] = filters
      if (filter !== undefined && others.length === 0) rejected.set(filter, unfit)
      else this.#tasks.unshift(...halves({ filters, contexts }))
    } else this.#tasks.unshift({ filters: left, contexts })
  }

  /** Asks jq what it has against an expression as it is written. */
  async #check(filter: string): Promise<void> {
    const job = { program: checkProgram(filter), documents: [] }
    const { answer } = await runJq(job, this.#timeLimit)
    if (answer.end !== 'rejected') return
    this.#expressions.rejected.set(filter, readRejection(filter, answer.errors))
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

function halves({ filters, contexts }: Task): Task[] {
  const half = Math.ceil(filters.length / 2)
  return [
    { filters: filters.slice(0, half), contexts },
    { filters: filters.slice(half), contexts },
  ]
}
