import type { Json } from '../json.ts'
import type { Evaluation } from './assemble.ts'
import { copyJson } from './copy-json.ts'
import { JqRuntimeError } from './jq-basics.ts'
import { failed } from './jq-output.ts'
import type { Evaluator } from './plain-expression.ts'

/** What an expression that needs no jq comes to. */
export function evaluatePlain(evaluator: Evaluator, context: Json): Evaluation {
  try {
    return { type: 'value', value: copyJson(evaluator(context)) }
  } catch (error) {
    if (error instanceof JqRuntimeError) return failed('runtime', error.message)
    // The copy of a value that is nested too deeply overflows the stack.
    if (error instanceof RangeError) return failed('runtime', 'The value is nested too deeply')
    throw error
  }
}
