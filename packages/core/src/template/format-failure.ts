import type { ExpressionFailure } from './expression-failure.ts'

/** Longer lines are cut around the caret. */
const maxWidth = 100

/**
 * An expression's failure as a compiler would show it, in three lines without colours:
 *
 * ```
 * workflowInputs.labels[2]: nosuch/0 is not defined
 *   1 | svc-{{ .inputs | nosuch }}
 *     |                  ^
 * ```
 *
 * jq's messages and templates are text of others: control characters in them, line breaks included, are shown as JSON
 * escapes, in which a redactor still finds secrets, and no line begins with them.
 */
export function formatFailure({ path, message, text, position }: ExpressionFailure): string {
  const line = (text.split('\n')[position.line - 1] ?? '').replace(/\r$/u, '')
  const column = position.column - 1
  const from = line.length <= maxWidth ? 0 : Math.max(0, column - maxWidth / 2)
  const before = `${from > 0 ? '…' : ''}${visible(line.slice(from, column))}`
  const after = visible(line.slice(Math.max(from, column), from + maxWidth))
  const gutter = String(position.line)
  const blank = ' '.repeat(gutter.length)
  // Tabs stay tabs, so that the caret stands under its character however wide they are shown.
  const indent = before.replace(/[^\t]/gu, ' ')
  return [
    `${path === '' ? 'The template' : visible(path)}: ${visible(message)}`,
    `  ${gutter} | ${before}${after}${from + maxWidth < line.length ? '…' : ''}`,
    `  ${blank} | ${indent}^`,
  ].join('\n')
}

/** With control characters except tabs as JSON escapes. U+2028 and U+2029 break lines too. */
function visible(text: string): string {
  return text.replace(/[^\P{Cc}\t]|[\u2028\u2029]/gu, (char) => {
    const escaped = JSON.stringify(char).slice(1, -1)
    return escaped === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped
  })
}
