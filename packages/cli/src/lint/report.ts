import { formatPhrase, type Phrase } from '@port-dispatch/core'
import type { Finding, Severity } from '@port-dispatch/core/lint'
import type { Source } from '@port-dispatch/dispatcher/host'
import { settingName } from '../setting-names.ts'

/** What the formats write. */
export interface Report {
  findings: readonly Finding[]
  sources: ReadonlyMap<string, Source>
  /** How many actions were looked at. */
  actions: number
  suppressed: number
}

const PAGE = 'https://github.com/port-dispatch/port-dispatch/blob/main/docs/lint-rules.md'

/** Where a rule is explained. */
export function pageOf(rule: string): string {
  return `${PAGE}#${rule}`
}

/** The message with its advice, as one or two sentences. */
export function sentences({ message, advice }: Pick<Finding, 'message' | 'advice'>): string {
  return [message, advice]
    .filter((text) => text !== undefined)
    .map((text) => closed(formatPhrase(text, settingName)))
    .join(' ')
}

export function plain(text: Phrase): string {
  return formatPhrase(text, settingName)
}

function closed(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`
}

export function count(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length
}

/** The path of a place, as RFC 6901 has it. */
export function jsonPointer(path: Finding['path']): string {
  return path
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}
