import type { ExpressionFailure } from './expression-failure.ts'

/** Longer lines are cut around the caret. */
const maxWidth = 100

/**
 * An expression's failure as a compiler would show it, in several lines without colours:
 *
 * ```
 * workflowInputs.labels[2]: nosuch/0 is not defined
 *   1 | svc-{{ .inputs | nosuch }}
 *     |                  ^
 * ```
 */
export function formatFailure({ path, message, text, position }: ExpressionFailure): string {
  const line = (text.split('\n')[position.line - 1] ?? '').replace(/\r$/u, '')
  const column = position.column - 1
  const from = line.length <= maxWidth ? 0 : Math.max(0, column - maxWidth / 2)
  const shown = line.slice(from, from + maxWidth)
  const before = from > 0 ? '…' : ''
  const after = from + maxWidth < line.length ? '…' : ''
  const gutter = String(position.line)
  const blank = ' '.repeat(gutter.length)
  // Tabs stay tabs, so that the caret stands under its character however wide they are shown.
  const indent = `${before}${shown.slice(0, column - from)}`.replace(/[^\t]/gu, ' ')
  return [
    path === '' ? message : `${path}: ${message}`,
    `  ${gutter} | ${before}${shown}${after}`,
    `  ${blank} | ${indent}^`,
  ].join('\n')
}
