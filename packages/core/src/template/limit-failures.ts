// What is said of expressions that a limit left without a value.
import type { Evaluation } from './assemble.ts'
import { failed } from './jq-output.ts'
import { memoryLimits } from './memory-limits.ts'

/** @param limit milliseconds */
export function notEnded(limit: number): Evaluation {
  return failed('time-limit', `It did not end within ${limit} ms, the time limit of a payload`)
}

/** @param limit milliseconds */
export function notBegun(limit: number): Evaluation {
  return failed(
    'time-limit',
    `It was not evaluated, because others had used up the ${limit} ms that a payload has`,
  )
}

/** An expression during which jq was stopped, or crashed. */
export function stopped(
  end: 'time-limit' | 'memory-limit' | 'crash',
  errors: string,
  limit: number,
): Evaluation {
  if (end === 'time-limit') return notEnded(limit)
  if (end === 'crash') return failed('runtime', `jq crashed: ${errors}`)
  const megabytes = Math.round(memoryLimits.heap / 1024 / 1024)
  return failed('memory-limit', `It needed more than the ${megabytes} MB of memory that jq has`)
}
