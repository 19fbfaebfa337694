// Reads what jq says about one expression.
import type { Json } from '../json.ts'
import type { Evaluation } from './assemble.ts'
import type { FailureReason } from './expression-failure.ts'

export const noOutput: Evaluation = { type: 'value', value: undefined }

export function failed(reason: FailureReason, message: string): Evaluation {
  return { type: 'failure', failure: { reason, message }, value: null }
}

/** One output of a shared program: `[value]`, `[]` for no output, or `{"e": error}`. */
export function readOutput(line: string): Evaluation {
  let output: Json[] | { e?: Json }
  try {
    output = JSON.parse(line)
  } catch {
    return failed('runtime', 'The value is nested too deeply')
  }
  if (Array.isArray(output)) {
    const [value] = output
    // A number like 1E+1000 is none in JavaScript, and so null in JSON.
    const hasHugeNumber = value !== undefined && /\dE\+\d{3}/u.test(line)
    return { type: 'value', value: hasHugeNumber ? JSON.parse(JSON.stringify(value)) : value }
  }
  const { e: error = null } = output
  return typeof error === 'string'
    ? failed('runtime', error)
    : notAString(`${JSON.stringify(error)} (not a string)`)
}

/** Port takes an error that is no string for no output. */
function notAString(message: string): Evaluation {
  return { type: 'failure', failure: { reason: 'runtime', message }, value: undefined }
}
