import { warning } from '@actions/core'
import {
  type ExpressionFailure,
  formatFailure,
  type RenderNote,
} from '@port-dispatch/core/template'
import { StrictError } from '@port-dispatch/dispatcher'
import { flagInput } from '../inputs/inputs.ts'
import { runnerLogger } from '../runner-logger.ts'

/**
 * Makes an annotation of each expression that failed.
 *
 * @throws StrictError after that, if the input `strict` is set
 */
export function tellFailures(
  failures: readonly ExpressionFailure[],
  notes: readonly RenderNote[],
): void {
  for (const failure of failures) {
    warning(formatFailure(failure), { title: 'An expression failed and became null, as in Port' })
  }
  for (const { path, message } of notes) runnerLogger.info(`${path}: ${message}`)
  if (failures.length > 0 && flagInput('strict', 'false')) throw new StrictError(failures)
}
