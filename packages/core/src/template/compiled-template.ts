// What compileTemplate makes of a template: a tree whose blocks point into one list of expressions.
import type { Json } from '../json.ts'
import type { Inspection } from './compat/inspect.ts'
import type { JqFailure } from './evaluation.ts'
import type { Evaluator } from './plain/plain-expression.ts'

/** One `{{ }}` block. */
export interface Expression {
  /** Where the template string is: `workflowInputs.labels[2]`. A key's is the path the key makes. */
  path: string
  /** What stands between the braces, trimmed. */
  source: string
  /** The expression of jq, single quotes replaced. */
  filter: string
  /** The whole template string. */
  text: string
  /** The index of `filter` in `text`. Both have the same length there. */
  start: number
  /** Evaluates it without jq, if it is plain enough. */
  plain: Evaluator | undefined
  /** The path that it begins with, if it does. */
  leadingPath: readonly (string | number)[] | undefined
  /** What jq's versions make of it, unless it is so plain that all make the same. */
  inspection: Inspection | undefined
}

/** A string with blocks. */
export type TextNode =
  /** One block is the whole string: the value keeps its type. */
  | { type: 'expression'; expression: Expression }
  /** Text and blocks; each block's value is put in as text. */
  | { type: 'text'; parts: readonly (string | Expression)[] }

export type TemplateNode =
  /** Nothing to evaluate in it. */
  | { type: 'literal'; value: Json }
  | TextNode
  | { type: 'array'; items: readonly TemplateNode[] }
  | { type: 'object'; entries: readonly TemplateEntry[] }

export type TemplateEntry =
  | { type: 'pair'; path: string; key: string | TextNode; value: TemplateNode }
  /** `{{ spreadValue() }}` as a key: the value's own entries take its place. */
  | { type: 'spread'; path: string; value: TemplateNode }

/**
 * A template that has been read once and can be rendered any number of times, at the same time too.
 * It holds no engine and no context, so it can be cached for as long as wanted.
 */
export class CompiledTemplate {
  readonly root: TemplateNode
  /** Every block, in the order of the template. */
  readonly expressions: readonly Expression[]
  /** Those that need jq. */
  readonly jqExpressions: JqExpressions
  /** As jq 1.6 reads those of them that it may read otherwise; each is its own program. */
  readonly readings: JqExpressions

  constructor(root: TemplateNode, expressions: readonly Expression[]) {
    this.root = root
    this.expressions = expressions
    const needJq = expressions.filter(({ plain }) => plain === undefined)
    this.jqExpressions = new JqExpressions(
      needJq.map(({ filter, inspection }) => [filter, inspection?.program ?? filter]),
    )
    const readings = needJq.flatMap(({ inspection }) => inspection?.reading?.program ?? [])
    this.readings = new JqExpressions(readings.map((program) => [program, program]))
  }
}

/** The expressions of one template that need jq. What is found out about them is kept with them. */
export class JqExpressions {
  /** Each of them once. */
  readonly filters: readonly string[]
  /** Those that jq does not accept, whatever the context. */
  readonly rejected = new Map<string, JqFailure>()
  readonly #programs: ReadonlyMap<string, string>

  /** @param filters each with the program that jq gets for it */
  constructor(filters: Iterable<readonly [filter: string, program: string]>) {
    this.#programs = new Map(filters)
    this.filters = [...this.#programs.keys()]
  }

  program(filter: string): string {
    return this.#programs.get(filter) ?? filter
  }
}
