/** A comment that takes findings back. */
export interface Suppression {
  rules: readonly string[]
  /** The line of the findings; undefined for all of the file. */
  line: number | undefined
}

const COMMENT =
  /(?:#|\/\/|\/\*)\s*port-dispatch-ignore(-file)?\s+([a-z][a-z, -]*?)\s*(?:--.*|:.*|\*\/.*)?$/

/**
 * The comments of a file: `# port-dispatch-ignore unknown-path, run-id -- reason`, in the line of a finding or alone in the
 * line above it, and `port-dispatch-ignore-file`.
 */
export function suppressionsIn(text: string): Suppression[] {
  if (!text.includes('port-dispatch-ignore')) return []
  const lines = text.split(/\r?\n/)
  return lines.flatMap((line, index): Suppression[] => {
    const match = COMMENT.exec(line)
    if (!match) return []
    const [, whole, names = ''] = match
    const rules = names.split(/[\s,]+/).filter(Boolean)
    if (whole !== undefined) return [{ rules, line: undefined }]
    const isAlone = line.slice(0, match.index).trim() === ''
    return [{ rules, line: (isAlone ? nextLine(lines, index) : index) + 1 }]
  })
}

/** The next line that is neither empty nor a comment. */
function nextLine(lines: readonly string[], from: number): number {
  for (let index = from + 1; index < lines.length; index++) {
    if (!/^\s*(?:$|#|\/\/|\/\*)/.test(lines[index] ?? '')) return index
  }
  return from
}
