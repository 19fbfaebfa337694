import type { JsonObject } from '@port-dispatch/core'
import { count, jsonPointer, pageOf, plain, type Report } from './report.ts'

/** The report for programs. `version` changes when a field is renamed or removed. */
export function writeJson({ findings, actions, suppressed }: Report): JsonObject {
  return {
    version: 1,
    findings: findings.map(({ rule, severity, file, action, path, position, message, advice }) => ({
      rule,
      severity,
      message: plain(message),
      ...(advice !== undefined && { advice: plain(advice) }),
      file,
      ...(action !== undefined && { action }),
      path: jsonPointer(path),
      ...(position && { ...position }),
      page: pageOf(rule),
    })),
    summary: {
      actions,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
      infos: count(findings, 'info'),
      suppressed,
    },
  }
}
