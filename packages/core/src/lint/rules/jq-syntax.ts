import { suggest } from '../../text/suggest.ts'
import type { LintedExpression } from '../expressions.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const jqSyntax: Rule<Lintee> = {
  id: 'jq-syntax',
  severity: 'error',
  summary: 'jq accepts every expression',
  *check({ expressions }) {
    for (const expression of expressions.all) {
      const { text, rejection } = expression
      if (!rejection) continue
      const advice = adviceOn(expression, rejection.message)
      yield {
        path: text.path,
        ...(text.isKey && { isKey: true }),
        span: spanOf(expression, rejection),
        message: `jq does not accept this expression, so that it is always null: ${sentence(rejection.message)}`,
        ...(advice !== undefined && { advice }),
      }
    }
  },
}

/** jq writes which system it quotes shells for, and a full stop. */
function sentence(message: string): string {
  return message.replace(/ \([^()]*shell quoting[^()]*\)/i, '').replace(/\.$/, '')
}

function spanOf(
  { filter, start }: LintedExpression,
  { index, message }: { index: number; message: string },
) {
  const name = /^(\w+)\/\d+ is not defined/.exec(message)?.[1]
  if (name !== undefined) {
    const found = filter.indexOf(name, Math.max(0, index - start - name.length))
    if (found >= 0) return { index: start + found, length: name.length }
  }
  return { index, length: 1 }
}

/** Functions that people look for, and those of jq. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  lowercase: 'ascii_downcase',
  lower: 'ascii_downcase',
  downcase: 'ascii_downcase',
  toLowerCase: 'ascii_downcase',
  tolower: 'ascii_downcase',
  uppercase: 'ascii_upcase',
  upper: 'ascii_upcase',
  upcase: 'ascii_upcase',
  toUpperCase: 'ascii_upcase',
  toupper: 'ascii_upcase',
  replace: 'gsub',
  toString: 'tostring',
  string: 'tostring',
  toNumber: 'tonumber',
  number: 'tonumber',
  int: 'tonumber',
  size: 'length',
  len: 'length',
  count: 'length',
  includes: 'contains',
  startsWith: 'startswith',
  endsWith: 'endswith',
  toJson: 'tojson',
  toJSON: 'tojson',
  fromJson: 'fromjson',
  fromJSON: 'fromjson',
  parse: 'fromjson',
  default: '//',
  filter: 'select',
  concat: '+',
}

const FUNCTIONS = [
  'ascii_downcase',
  'ascii_upcase',
  'tostring',
  'tonumber',
  'length',
  'contains',
  'startswith',
  'endswith',
  'tojson',
  'fromjson',
  'select',
  'join',
  'split',
  'test',
  'match',
  'capture',
  'gsub',
  'sub',
  'ltrimstr',
  'rtrimstr',
  'to_entries',
  'from_entries',
  'with_entries',
  'map',
  'map_values',
  'keys',
  'values',
  'first',
  'last',
  'index',
  'unique',
  'reverse',
  'sort_by',
  'group_by',
  'has',
  'empty',
  'flatten',
  'add',
  'any',
  'all',
  'now',
  'todate',
  'strftime',
  'fromdate',
]

function adviceOn({ filter }: LintedExpression, message: string): string | undefined {
  const name = /^(\$?\w+)(?:\/\d+)? is not defined/.exec(message)?.[1]
  if (name !== undefined) {
    const before = new RegExp(`\\.(\\w+)-(?:[\\w-]*-)?${name.replace('$', '\\$')}\\b`).exec(filter)
    if (before) {
      return `In jq, a dash subtracts. Write the name in quotes: ["${before[0].slice(1)}"]`
    }
    const meant = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : suggest(name, FUNCTIONS)
    return meant === undefined ? undefined : `Did you mean ${meant}?`
  }
  if (/&&/.test(filter)) return 'In jq, && is written and'
  if (/\|\|/.test(filter)) return 'In jq, || is written or'
  if (/[!=]==/.test(filter)) return 'In jq, === is written == and !== is written !='
  if (/\w\(\)/.test(filter)) return 'A function of jq without arguments has no parentheses'
  if (/'/.test(filter)) {
    return 'Port turns single quotes into double ones only where white space stands before or after them. Use double quotes'
  }
  if (/\.\d+(?:\.|\s*$)/.test(filter) && /LITERAL|numeric/.test(message)) {
    return 'In jq, the first item of a list is written [0]'
  }
  if (/\bif\b/.test(filter) && !/\bend\b/.test(filter))
    return 'In jq, if … then … else … closes with end'
  if (/\s\?\s.*:/.test(filter)) return 'In jq, a ? b : c is written if a then b else c end'
  return undefined
}
