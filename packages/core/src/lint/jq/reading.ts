// What can be told of an expression of jq without evaluating it.
/** A path of the input that an expression reads: `.inputs.size`. */
export interface PathUse {
  /** Keys; null for an element of an array, and for a key that is not a constant. */
  segments: readonly (string | null)[]
  /** Where it stands in the expression. */
  start: number
  end: number
  /** Whether the expression is prepared for null: by `//`, `?`, `has`, or a condition. */
  isGuarded: boolean
}

/** A function that is called on something of the input: `.inputs.size | floor`. */
export interface CallUse {
  name: string
  /** What it is called on. */
  input: readonly (string | null)[]
  start: number
  end: number
  /** Whether the expression goes on if it fails. */
  isGuarded: boolean
}

/** An operand whose type can be known: a literal, or something of the input. */
export type Operand =
  | { type: 'path'; segments: readonly (string | null)[] }
  | { type: 'string' | 'number' }

/** Two operands that are added or compared. */
export interface OperatorUse {
  operator: '+' | '==' | '!='
  left: Operand
  right: Operand
  start: number
  end: number
  isGuarded: boolean
}

/** What is known of an expression. */
export interface Reading {
  paths: PathUse[]
  calls: CallUse[]
  operators: OperatorUse[]
}

/** The root under which `env` and `$ENV` are found in the paths of an expression. */
export const ENVIRONMENT = '$ENV'

/** How much had been found at some place of the expression. */
export interface Mark {
  uses: number
  calls: number
  operators: number
}

/** What was found from a place on is guarded. */
export function guardFrom<Use extends { isGuarded: boolean }>(uses: Use[], from: number): void {
  for (let i = from; i < uses.length; i++) {
    const use = uses[i]
    if (use) uses[i] = { ...use, isGuarded: true }
  }
}

/** A path as jq has it. */
export function pathText(segments: readonly (string | null)[]): string {
  return segments.map(stepText).join('')
}

export function stepText(segment: string | null): string {
  if (segment === null) return '[]'
  return /^[A-Za-z_]\w*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`
}
