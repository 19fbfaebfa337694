// What jq has learned or changed since 1.6, by construct. Sources: jq's release notes and, for each line, jq 1.6 itself:
// a test compares both versions on the conformance cases and on a grammar of expressions.
import type { Novelty } from './syntax.ts'

/** Something that an expression uses, and the version of jq since which it is as it is. */
export interface Use {
  what: string
  since: string
  /** It did not exist before. */
  isNew?: true
}

/** The functions that jq 1.6 lacks, with the version from which they work. */
export const newFunctions: ReadonlyMap<string, string> = new Map([
  ['abs/0', '1.7'],
  ['add/1', '1.8'],
  ['debug/1', '1.7'],
  ['have_decnum/0', '1.8'],
  ['have_literal_numbers/0', '1.8'],
  ['ltrim/0', '1.8'],
  ['pick/1', '1.7'],
  ['rtrim/0', '1.8'],
  ['scan/2', '1.7'],
  ['skip/2', '1.8'],
  ['toboolean/0', '1.8'],
  ['trim/0', '1.8'],
  ['trimstr/1', '1.8'],
])

/** The formats that jq 1.6 lacks. */
export const newFormats: ReadonlyMap<string, string> = new Map([['@urid', '1.8']])

/** jq 1.6 lets `try` and `?` catch the errors of what follows them too, so that none of them is null. */
export const catching: Use = { what: '`try` and `?` before an error', since: '1.7' }

/** The syntax that jq 1.6 does not accept. */
export const newSyntax: Readonly<Record<Novelty, Use>> = {
  'carriage return': { what: 'a line that ends with a carriage return', since: '1.8' },
  'if without else': { what: '`if` without `else`', since: '1.7' },
  'dot bracket': { what: 'a dot before `[`, as in `.a.[0]`', since: '1.7' },
  'keyword variable': { what: 'a variable that is named like a keyword', since: '1.7' },
  'keyword shorthand': { what: 'a keyword as the whole pair of an object', since: '1.7' },
  'variable key': { what: 'a variable as key without parentheses, as in `{$x: 1}`', since: '1.7' },
  'operator in object': {
    what: 'an operator without parentheses in the value of an object, as in `{a: .b // "c"}`',
    since: '1.8',
  },
  'statement as term': {
    what: '`if`, `reduce`, `foreach`, `try` or `?` without parentheses where a value is needed',
    since: '1.8',
  },
  'operator before as': {
    what: 'an operator before the `as` of `reduce` or `foreach`',
    since: '1.8',
  },
}

/** Functions on which Port's published binding ends its process: it gives jq nothing to read from or to write to. */
export const crashes: ReadonlySet<string> = new Set(['debug/0', 'input/0', 'inputs/0'])

/** In the WebAssembly build of jq, times have no zone, and `%Z` is an error. The zone of Port is UTC. */
const zoned = (name: string) =>
  `def jq_zoned_${name}($f): ${name}($f); def ${name}($f): jq_zoned_${name}($f | gsub("%(?<c>.)"; if .c == "Z" then "UTC" else "%\\(.c)" end));`

/**
 * The functions that jq has removed since 1.6, and those that its WebAssembly build lacks in part. They are defined where an
 * expression uses them, so that it works as in Port.
 */
export const ownFunctions: ReadonlyMap<string, string> = new Map([
  ['leaf_paths/0', 'def leaf_paths: paths(scalars);'],
  ['recurse_down/0', 'def recurse_down: recurse;'],
  [
    'scalars_or_empty/0',
    'def scalars_or_empty: select((type | . != "array" and . != "object") or length == 0);',
  ],
  ['pow10/0', 'def pow10: exp10;'],
  ['strftime/1', zoned('strftime')],
  ['strflocaltime/1', zoned('strflocaltime')],
  ['_nwise/1', 'def _nwise($n): def n: if length <= $n then . else .[:$n], (.[$n:] | n) end; n;'],
])

export const binding: Use = { what: '`as` after an operator', since: '1.8' }
export const longComment: Use = {
  what: 'a comment that ends with a backslash and goes on in the next line',
  since: '1.7',
}
