// Finds what jq's versions make of an expression.

import {
  type Change,
  changedFunctions,
  fraction,
  multiplication,
  newFormat,
  remainder,
  update,
  uri,
} from './changes.ts'
import { type Novelty, readSyntax, type SyntaxVisitor } from './syntax.ts'
import type { Span } from './tokens.ts'
import {
  binding,
  crashes,
  longComment,
  newFormats,
  newFunctions,
  newSyntax,
  ownFunctions,
  type Use,
} from './versions.ts'

export interface Inspection {
  /** What jq gets: the expression as it is, or changed so that it comes to what jq 1.6 makes of it. */
  program: string
  /** What jq 1.6 does not accept. */
  missing: readonly Use[]
  /** Functions on which Port's published binding crashes. */
  crashes: readonly string[]
  /** Whether it uses `try`, or `?` after anything but an index. */
  catches: boolean
  /** The expression as jq 1.6 reads it, in jq 1.8, if that may come to something else. */
  reading?: Reading
}

export interface Reading {
  program: string
  changes: readonly Use[]
  /** Whether it is what jq 1.6 gets, so that it gives null if jq does not accept it. */
  isWritten?: true
}

/** @param filter an expression of jq */
export function inspect(filter: string): Inspection {
  const inspector = new Inspector(filter)
  if (!readSyntax(filter, inspector))
    return { program: filter, missing: [], crashes: [], catches: false }
  return inspector.result()
}

interface Edit extends Span {
  text: string
  /** At the same place, what closes comes before what opens, and both before a replacement. */
  rank: 'close' | 'open' | 'replace'
  /** Where the operator ends that it is for. */
  operatorEnd?: number
}

/** With the functions that they are in the reading of jq 1.6. */
const rewrittenOperators: ReadonlyMap<string, readonly [Change, string]> = new Map([
  ['*', [multiplication, 'jq_times']],
  ['%', [remainder, 'jq_rest']],
  ['|=', [update, 'jq_modify']],
])

class Inspector implements SyntaxVisitor {
  readonly #filter: string
  readonly #missing = new Map<string, Use>()
  readonly #changes = new Map<string, Use>()
  readonly #crashes = new Set<string>()
  readonly #own = new Set<string>()
  readonly #definitions = new Set<string>()
  /** Of the expression that is evaluated. */
  readonly #edits: Edit[] = []
  /** What jq 1.6 reads otherwise. */
  #readingEdits: Edit[] = []
  /** The expression up to where comments end for jq 1.6, if that is earlier. */
  #withoutComments: string | undefined
  #catches = false
  #usesTime = false

  constructor(filter: string) {
    this.#filter = filter
  }

  result(): Inspection {
    const missing = [...this.#missing.values()]
    const program = this.#compose(this.#own, this.#edits)
    const inspection = { program, missing, crashes: [...this.#crashes], catches: this.#catches }
    if (this.#withoutComments !== undefined) {
      return { ...inspection, reading: readingOf(this.#withoutComments) }
    }
    // The time is another the second time.
    if (missing.length > 0 || this.#changes.size === 0 || this.#usesTime) return inspection
    const definitions = [...this.#own, ...this.#definitions]
    const edits = [...this.#edits, ...this.#readingEdits]
    const reading = this.#compose(definitions, edits)
    return { ...inspection, reading: { program: reading, changes: [...this.#changes.values()] } }
  }

  call(name: string, args: readonly string[]): void {
    const signature = `${name}/${args.length}`
    if (signature === 'now/0') this.#usesTime = true
    const since = newFunctions.get(signature)
    if (since !== undefined) this.#miss(`\`${name}\`${argumentsOf(name, args.length)}`, since)
    if (crashes.has(signature)) this.#crashes.add(name)
    const own = ownFunctions.get(signature)
    if (own !== undefined) this.#own.add(own)
    const change = changedFunctions.get(signature)
    if (change?.matters(args)) this.#change(change)
  }

  format(name: string, text: string | undefined, span: Span): void {
    const since = newFormats.get(name)
    if (since !== undefined && (text === undefined || text.includes('\\('))) {
      this.#change(newFormat(name, since))
      this.#readingEdits.push(...wrap(span, '(', ' | error("unknown format"))'))
    }
    if (name !== '@uri' || (text !== undefined && /%2[1789A]/.test(text))) return
    this.#change(uri)
    this.#readingEdits.push(...wrap(span, '(', ' | jq_uri)'))
  }

  /** jq since 1.7 keeps a number as it was written, and writes it so where it becomes text. jq 1.6 does not. */
  number(text: string, span: Span): void {
    const value = Number(text)
    const written = String(value)
    // Outside these jq 1.6 writes an exponent.
    const isShort = value === 0 || (value >= 1e-4 && value < 1e16)
    if (isShort && written === text) return
    const replacement = isShort ? written : `(${text}+0)`
    this.#edits.push({ ...span, text: replacement, rank: 'replace' })
  }

  index(span: Span): void {
    if (!fraction.matters([this.#filter.slice(span.start, span.end)])) return
    this.#change(fraction)
    this.#readingEdits.push(...wrap(span, '(', ') | jq_at'))
  }

  operator(operator: string, left: Span, sign: Span, right: Span): void {
    const [change, name] = rewrittenOperators.get(operator) ?? []
    const operands = [left, right].map(({ start, end }) => this.#filter.slice(start, end))
    if (!change?.matters(operands)) return
    this.#change(change)
    const { end } = right
    this.#readingEdits.push(
      { ...sign, text: ';', rank: 'replace', operatorEnd: end },
      ...wrap({ start: left.start, end }, `${name}(`, ')').map((edit) => ({
        ...edit,
        operatorEnd: end,
      })),
    )
  }

  /** The operators before `as` have something else on their right side then, and stay as they are. */
  binding(term: Span, body: Span): void {
    this.#changes.set(binding.what, binding)
    const others = this.#readingEdits.filter(({ operatorEnd }) => operatorEnd !== term.end)
    this.#readingEdits = [...others, ...wrap({ start: term.start, end: body.end }, '(', ')')]
  }

  catching(): void {
    this.#catches = true
  }

  longComment({ start, end }: Span): void {
    const text = this.#withoutComments ?? this.#filter
    // From the end of the text, which shorter comments before it do not move.
    const shift = text.length - this.#filter.length
    this.#withoutComments = text.slice(0, start + shift) + text.slice(end + shift)
  }

  novelty(novelty: Novelty): void {
    const { what, since } = newSyntax[novelty]
    this.#miss(what, since)
  }

  #miss(what: string, since: string): void {
    this.#missing.set(what, { what, since })
  }

  #change({ what, since, isNew, definition }: Change): void {
    this.#changes.set(what, { what, since, ...(isNew && { isNew }) })
    if (definition !== '') this.#definitions.add(definition)
  }

  /** Definitions stand before the expression in its first line, so that the lines of jq's messages stay true. */
  #compose(definitions: Iterable<string>, edits: readonly Edit[]): string {
    const ranks = { close: 0, open: 1, replace: 2 }
    const ordered = edits
      .map((edit, order) => ({ ...edit, order: edit.rank === 'open' ? -order : order }))
      .sort((a, b) => a.start - b.start || ranks[a.rank] - ranks[b.rank] || a.order - b.order)
    let text = ''
    let at = 0
    for (const edit of ordered) {
      text += this.#filter.slice(at, edit.start) + edit.text
      at = edit.end
    }
    return [...definitions, text + this.#filter.slice(at)].join(' ')
  }
}

/** What jq 1.6 makes of an expression after a comment that ends earlier for it: null, if it does not accept it. */
function readingOf(filter: string): Reading {
  const inspector = new Inspector(filter)
  if (!readSyntax(filter, inspector)) {
    return { program: 'error("not accepted")', changes: [longComment] }
  }
  const { program, missing, reading } = inspector.result()
  return missing.length > 0
    ? { program: 'error("not accepted")', changes: [longComment, ...missing] }
    : {
        program: reading?.program ?? program,
        changes: [longComment, ...(reading?.changes ?? [])],
        isWritten: true,
      }
}

function wrap({ start, end }: Span, before: string, after: string): Edit[] {
  return [
    { start, end: start, text: before, rank: 'open' },
    { start: end, end, text: after, rank: 'close' },
  ]
}

/** jq 1.6 has some functions with other arguments only. */
function argumentsOf(name: string, count: number): string {
  if (name !== 'add' && name !== 'debug' && name !== 'scan') return ''
  return count === 1 ? ' with an argument' : ` with ${count} arguments`
}
