import {
  type ExpressionFailure,
  formatFailure,
  type RenderNote,
} from '@port-dispatch/core/template'
import { style, terminalLogger, writeMessage } from '../terminal.ts'

/** Shows what a rendering has to say besides its value, the way a compiler would. */
export function tellDiagnostics(
  failures: readonly ExpressionFailure[],
  notes: readonly RenderNote[],
): void {
  for (const failure of failures) writeMessage(formatFailure(failure))
  for (const { path, message } of notes) terminalLogger.notice(`${path}: ${message}`)
  if (failures.length > 0) {
    const count = failures.length === 1 ? '1 expression' : `${failures.length} expressions`
    writeMessage(style('yellow', `${count} failed and became null, as in Port.`))
  }
}
