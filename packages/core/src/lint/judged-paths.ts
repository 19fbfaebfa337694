import { judge } from './context-shape.ts'
import type { Draft } from './finding.ts'
import type { Lintee } from './lintee.ts'
import { isRunMessageField } from './run-message-field.ts'

/** What is found about the paths of expressions: names that nothing has, or null by the kind of the action. */
export function* judgedPaths(
  { subject, expressions }: Lintee,
  type: 'unknown' | 'null',
): Generator<Draft> {
  for (const { scope, text, uses, start, rejection } of expressions.all) {
    if (rejection) continue
    const seen = new Set<string>()
    for (const use of uses) {
      const verdict = judge(use, scope, subject)
      if (verdict?.type !== type || seen.has(verdict.message)) continue
      if (type === 'null' && isRunMessageField(subject, text.path)) continue
      seen.add(verdict.message)
      yield {
        path: text.path,
        ...(text.isKey && { isKey: true }),
        span: { index: start + use.start, length: use.end - use.start },
        severity: verdict.severity,
        message: verdict.message,
        ...(verdict.advice !== undefined && { advice: verdict.advice }),
      }
    }
  }
}
