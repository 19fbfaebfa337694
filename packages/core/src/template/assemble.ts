// Puts the values of a template's expressions into their places: the second half of a rendering.
import { type Json, type JsonObject, setOwn } from '../json.ts'
import type { Expression, TemplateEntry, TemplateNode, TextNode } from './compiled-template.ts'
import { copyJson } from './copy-json.ts'
import type { Evaluation } from './evaluation.ts'
import { expressionFailure } from './expression-failure.ts'
import type { RenderNote, RenderResult } from './render-result.ts'
import { TemplateError } from './template-error.ts'

/** A note on one expression. */
export type ExpressionNote = Pick<RenderNote, 'type' | 'message'>

/**
 * The payload that a template's tree and the values of its expressions make.
 *
 * Failures and notes are listed for what counts: an expression in the value of a pair that was
 * dropped is not looked at, as Port does not evaluate it.
 *
 * @throws {TemplateError} for a key that is no string and a spread of what is no object
 */
export function assemble(
  root: TemplateNode,
  evaluate: (expression: Expression) => Evaluation & { notes: readonly ExpressionNote[] },
): RenderResult {
  const result: RenderResult = { value: undefined, failures: [], notes: [] }
  result.value = new Assembly(evaluate, result).value(root)
  return result
}

class Assembly {
  readonly #evaluate: Parameters<typeof assemble>[1]
  readonly #result: RenderResult

  constructor(evaluate: Parameters<typeof assemble>[1], result: RenderResult) {
    this.#evaluate = evaluate
    this.#result = result
  }

  value(node: TemplateNode): Json | undefined {
    switch (node.type) {
      case 'literal':
        return copyJson(node.value)
      case 'expression':
      case 'text':
        return this.#text(node)
      case 'array':
        // JSON has no "no output" in an array; it is written as null there.
        return node.items.map((item) => this.value(item) ?? null)
      case 'object':
        return this.#object(node.entries)
    }
  }

  #text(node: TextNode): Json | undefined {
    if (node.type === 'expression') return this.#expression(node.expression)
    return node.parts
      .map((part) => (typeof part === 'string' ? part : asText(this.#expression(part))))
      .join('')
  }

  #expression(expression: Expression): Json | undefined {
    const evaluation = this.#evaluate(expression)
    for (const { type, message } of evaluation.notes) this.#note(type, expression.path, message)
    if (evaluation.type === 'value') return evaluation.value
    this.#result.failures.push(expressionFailure(expression, evaluation.failure))
    return evaluation.value
  }

  #object(entries: readonly TemplateEntry[]): JsonObject {
    const pairs = new Map<string, Json | undefined>()
    for (const entry of entries) {
      if (entry.type === 'spread') {
        for (const [key, value] of this.#spread(entry)) pairs.set(key, value)
        continue
      }
      const key = this.#key(entry)
      if (key !== undefined) pairs.set(key, this.#pairValue(entry))
    }
    const object: JsonObject = {}
    for (const [key, value] of pairs) if (value !== undefined) setOwn(object, key, value)
    return object
  }

  #key({ key, path }: TemplateEntry & { type: 'pair' }): string | undefined {
    const value = typeof key === 'string' ? key : this.#text(key)
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw new TemplateError([
        {
          path,
          message: `The key's expression gave ${JSON.stringify(value)}, but a key must be a string: add "| tostring" to it, or let it give null to leave the pair out`,
        },
      ])
    }
    if (value) return value
    const what = value === undefined ? 'had no output' : value === '' ? 'is empty' : 'is null'
    this.#note('dropped-key', path, `The key ${what}, so the pair was left out`)
    return undefined
  }

  #pairValue({ value, path }: TemplateEntry): Json | undefined {
    const rendered = this.value(value)
    if (rendered === undefined) {
      this.#note('no-output', path, 'The value had no output, so the pair was left out')
    }
    return rendered
  }

  #spread({ value, path }: TemplateEntry): [string, Json][] {
    const rendered = this.value(value)
    if (rendered === null) {
      this.#note('null-spread', path, 'The value to spread is null, so nothing was spread')
      return []
    }
    if (typeof rendered !== 'object') {
      const what = rendered === undefined ? 'had no output' : `is ${JSON.stringify(rendered)}`
      throw new TemplateError([
        {
          path,
          message: `The value to spread ${what}, but only an object can be spread: let the expression give an object`,
        },
      ])
    }
    if (Array.isArray(rendered)) {
      this.#note(
        'array-spread',
        path,
        'The value to spread is an array, so its indices became keys',
      )
    }
    return Object.entries(rendered)
  }

  #note(type: RenderResult['notes'][number]['type'], path: string, message: string): void {
    this.#result.notes.push({ type, path, message })
  }
}

/** Port's code writes no output as `undefined`. */
function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : String(JSON.stringify(value))
}
