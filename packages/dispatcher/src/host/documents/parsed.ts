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

/** Deeper documents are refused, so that no walk over one can overflow the stack. Templates have the same limit. */
export const MAX_DEPTH = 1000

export const TOO_DEEP = `is nested more than ${MAX_DEPTH} levels deep`
