// jq knows no single-quoted strings; Port lets people write them and turns their quotes into double ones.

// The white space belongs to the match, so that one blank cannot both close a string and open the next.
const quote = /(^|\s)'(?![\s"])|(?<![\s"])'(\s|$)/gu

/**
 * The expression with each single quote that opens or closes a string replaced by a double quote.
 * A quote opens at the start or after white space when neither white space nor `"` follows, and
 * closes before white space or at the end when neither stands before it. All others stay, and jq
 * rejects them. The length never changes, so positions keep their meaning.
 */
export function withDoubleQuotes(expression: string): string {
  if (!expression.includes("'")) return expression
  return expression.replace(quote, '$1"$2')
}
