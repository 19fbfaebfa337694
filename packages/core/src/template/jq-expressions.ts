import type { JqFailure } from './expression-failure.ts'

/** The expressions of one template that need jq. What is found out about them is kept with them. */
export class JqExpressions {
  /** Each of them once. */
  readonly filters: readonly string[]
  /** Those that jq does not accept, whatever the context. */
  readonly rejected = new Map<string, JqFailure>()

  constructor(filters: Iterable<string>) {
    this.filters = [...new Set(filters)]
  }
}
