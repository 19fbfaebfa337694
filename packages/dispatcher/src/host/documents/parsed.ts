import { MAX_JSON_DEPTH } from '@port-dispatch/core'

/** What is wrong with a text. */
export interface Flaw {
  /** A clause that follows the name of the text: `is empty`, `found a comment that begins with #`. Quotes no content. */
  found: string
  advice?: string
  /** Where it is, as an index. */
  offset?: number
}

export interface Flawed {
  type: 'flaws'
  flaws: readonly Flaw[]
}

export type Parsed<Value = unknown> = { type: 'value'; value: Value } | Flawed

export function flawed(...flaws: Flaw[]): Flawed {
  return { type: 'flaws', flaws }
}

export const TOO_DEEP = `is nested more than ${MAX_JSON_DEPTH} levels deep`
