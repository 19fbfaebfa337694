// Decides what jq runs next, and what follows from its answers.
import type { JqExpressions } from '../compiled-template.ts'
import { type Evaluation, failed, noOutput } from '../evaluation.ts'
import { isBalanced } from './is-balanced.ts'
import type { JqAnswer, JqEnd } from './job.ts'
import type { JqPool } from './pool.ts'
import {
  canShare,
  checkProgram,
  type EnvironmentKind,
  findRejected,
  hasLongNumbers,
  loneProgram,
  readOutput,
  readRejection,
  sharedProgram,
  shortNumbers,
  withEnvironment,
} from './program.ts'
import { TimeBudget } from './time-budget.ts'

/** Some expressions that are still to be evaluated on some contexts. */
interface Task {
  filters: readonly string[]
  contexts: readonly number[]
  /** It was stopped once, to let the others go first. Now it gets the time that is left. */
  late?: true
}

/** The ends after which jq is gone. */
type Stop = Exclude<JqEnd, 'done' | 'rejected'>

/** Of an expression that jq accepts only where it stands alone, though no such expression is known. */
const unfit = failed('compile', 'jq does not accept it in parentheses').failure

/** jq's compiler takes more than twice the time for twice as many expressions. */
const programSize = 200

export class WorkList {
  readonly #expressions: JqExpressions
  readonly #contexts: readonly string[]
  readonly #timeLimit: number
  readonly #pool: JqPool
  readonly #preamble: string
  readonly #environment: EnvironmentKind
  readonly #budgets: readonly TimeBudget[]
  /** Per context and filter: a line of output, or what became of it without one. */
  readonly #results: readonly Map<string, string | Evaluation>[]
  readonly #tasks: Task[] = []

  /**
   * @param contexts JSON texts
   * @param timeLimit milliseconds of CPU time for each context
   * @param environment JSON text of what `env` and `$ENV` are. Default: nothing.
   */
  constructor(
    expressions: JqExpressions,
    contexts: readonly string[],
    timeLimit: number,
    pool: JqPool,
    environment?: string,
  ) {
    this.#expressions = expressions
    this.#environment = environment === undefined ? 'empty' : 'given'
    this.#contexts =
      environment === undefined
        ? contexts
        : contexts.map((context) => withEnvironment(environment, context))
    this.#timeLimit = timeLimit
    this.#pool = pool
    this.#preamble = contexts.some(hasLongNumbers) ? shortNumbers : ''
    this.#budgets = contexts.map(() => new TimeBudget(timeLimit))
    this.#results = contexts.map(() => new Map())
  }

  /** Parses an output each time it is asked for, so that no two places of a payload share an object. */
  result(filter: string, context: number): Evaluation {
    const failure = this.#expressions.rejected.get(filter)
    if (failure !== undefined) return { type: 'failure', failure, value: null }
    const result = this.#results[context]?.get(filter) ?? notEvaluated
    return typeof result === 'string' ? readOutput(result, this.#contexts[context] ?? '') : result
  }

  /** Only has jq compile the expressions: those that it does not accept are in the `rejected` of the expressions. */
  async check(): Promise<void> {
    const { filters, rejected } = this.#expressions
    for (const filter of filters) {
      if (!isBalanced(filter)) rejected.set(filter, unfit)
      await this.#check(filter)
    }
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
    const contexts = all.filter((context) => !this.#budgets[context]?.isSpent)
    for (const context of all) {
      if (contexts.includes(context)) continue
      this.#setAll(context, filters, task.late ? this.#stopped('time-limit') : this.#notBegun())
    }
    const [context] = contexts
    const [filter] = filters
    if (context === undefined || filter === undefined) return

    const granted = this.#grant({ ...task, filters, contexts }, context)
    const documents = contexts.map((index) => this.#contexts[index] ?? 'null')
    const programs = filters.map((each) => this.#expressions.program(each))
    const program = canShare(filter)
      ? sharedProgram(programs, this.#environment)
      : loneProgram(programs.join(), this.#environment)
    const answer = await this.#pool.run({ program: this.#preamble + program, documents }, granted)
    for (const [i, time] of answer.times.entries()) this.#budgetOf(contexts[i])?.charge(time)
    // The start of a job of many is no one's, unless jq came no further.
    const isOwn = contexts.length === 1 || answer.times.length === 0
    if (isOwn) this.#budgetOf(context)?.chargeStart(answer.startTime)
    this.#take({ ...task, filters, contexts }, answer)
    if (answer.end === 'rejected') await this.#takeRejection({ filters, contexts }, answer.errors)
  }

  #budgetOf(context: number | undefined): TimeBudget | undefined {
    return context === undefined ? undefined : this.#budgets[context]
  }

  #grant(task: Task, context: number): number {
    const { remaining = 0, share = 0 } = this.#budgets[context] ?? {}
    const others = this.#tasks.filter(({ contexts }) => contexts.includes(context))
    if (task.late) return remaining / (others.length + 1)
    return task.filters.length + others.length > 1 ? share : remaining
  }

  #take(task: Task, answer: JqAnswer): void {
    const { end } = answer
    if (end === 'no-start') this.#giveUp(task, answer.errors)
    if (end === 'rejected' || end === 'no-start') return
    for (const [i, lines] of answer.outputs.entries()) {
      const context = task.contexts[i]
      if (context === undefined) break
      this.#setLines(context, task.filters, lines)
      const ended = task.filters[lines.length]
      if (ended === undefined) continue
      // A halt ends a document before its last output. No error does, as each is caught.
      this.#set(context, ended, canShare(ended) ? notEvaluated : noOutput)
      this.#tasks.unshift({ filters: task.filters.slice(lines.length + 1), contexts: [context] })
    }
    if (end !== 'done') this.#takeStop(task, answer, end)
  }

  #takeStop(task: Task, answer: JqAnswer, end: Stop): void {
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
      this.#set(context, culprit, this.#stopped(end, answer.errors))
    }
  }

  async #takeRejection({ filters, contexts }: Task, errors: string): Promise<void> {
    // After a syntax error jq can stumble over what follows, so that each is asked for by itself.
    const blamed = findRejected(filters, errors).flatMap((index) => filters[index] ?? [])
    const found = new Set<string>()
    for (const filter of blamed) {
      const end = await this.#check(filter)
      if (end.type === 'failure') found.add(filter)
      if (end.type === 'failure' && end.failure.reason === 'limit') {
        for (const context of contexts) this.#set(context, filter, end)
      }
    }
    const left = filters.filter((filter) => !found.has(filter))
    if (left.length < filters.length) this.#tasks.unshift({ filters: left, contexts })
    else if (filters.length > 1) this.#tasks.unshift(...halves({ filters, contexts }))
    else for (const filter of filters) this.#expressions.rejected.set(filter, unfit)
  }

  /** Asks jq what it has against an expression as it is written. */
  async #check(filter: string): Promise<Evaluation> {
    const program = this.#expressions.program(filter)
    const job = { program: checkProgram(program), documents: [] }
    const { end, errors } = await this.#pool.run(job, this.#timeLimit)
    if (end === 'done') return noOutput
    if (end !== 'rejected') return this.#stopped(end, errors)
    const { offset, ...rest } = readRejection(program, errors)
    // A place in a program that was changed is none in the expression.
    const failure = { ...rest, ...(program === filter && offset !== undefined && { offset }) }
    this.#expressions.rejected.set(filter, failure)
    return { type: 'failure', failure, value: null }
  }

  /** Without jq nothing that is left has a value. */
  #giveUp(task: Task, errors: string): void {
    for (const { filters, contexts } of [task, ...this.#tasks.splice(0)]) {
      for (const context of contexts) {
        this.#setAll(context, filters, this.#stopped('no-start', errors))
      }
    }
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

  /** An expression during which jq was stopped, or crashed. */
  #stopped(end: Stop, errors = ''): Evaluation {
    switch (end) {
      case 'time-limit':
        return failed('time', `It did not end within the time limit of ${this.#timeLimit} ms`)
      case 'memory-limit': {
        const megabytes = Math.round(this.#pool.memory.heap / 1024 / 1024)
        return failed('memory', `It needed more than the memory limit of ${megabytes} MB`)
      }
      case 'crash':
        return failed('engine', `jq crashed: ${errors}`)
      case 'no-start':
        return failed('engine', `jq could not be started: ${errors}`)
    }
  }

  #notBegun(): Evaluation {
    const limit = `the time limit of ${this.#timeLimit} ms`
    return failed('time', `It was not evaluated, because other expressions exceeded ${limit}`)
  }
}

const notEvaluated = failed('engine', 'It was not evaluated, because jq ended before')

function halves({ filters, contexts }: Task): Task[] {
  const half = Math.ceil(filters.length / 2)
  return [
    { filters: filters.slice(0, half), contexts },
    { filters: filters.slice(half), contexts },
  ]
}
