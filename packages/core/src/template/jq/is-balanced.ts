// Whether an expression can be put between parentheses without reaching out of them.

const closers = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

/**
 * Whether every bracket of a jq expression is closed in it, in order, and every string ends in it.
 *
 * jq's grammar has brackets in pairs only, so such an expression between parentheses means what it
 * means alone, and any other is a syntax error.
 */
export function isBalanced(filter: string): boolean {
  const open: string[] = []
  let isInString = false
  for (let i = 0; i < filter.length; i++) {
    const char = filter.charAt(i)
    // jq takes its program as a C string.
    if (char === '\0') return false
    if (isInString) {
      if (char === '"') isInString = false
      else if (char === '\\') {
        i++
        if (filter.charAt(i) === '(') {
          open.push(interpolation)
          isInString = false
        }
      }
    } else if (char === '"') isInString = true
    else if (char === '#') i = endOfComment(filter, i)
    else if (closers.has(char)) open.push(char)
    else if (char === ')' && open.at(-1) === interpolation) {
      open.pop()
      isInString = true
    } else if (char === ')' || char === ']' || char === '}') {
      if (closers.get(open.pop() ?? '') !== char) return false
    }
  }
  return open.length === 0 && !isInString
}

/** Stands for the `\(` of a string, into which its `)` leads back. */
const interpolation = '\\('

/** The index of the last character of a comment, which a backslash before the line's end continues. */
function endOfComment(filter: string, start: number): number {
  const comment = /#(?:\\\r?\n|\\[^\n]|[^\\\n])*/y
  comment.lastIndex = start
  return start + (comment.exec(filter)?.[0].length ?? 1) - 1
}
