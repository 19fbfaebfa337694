import { judge } from '../context-shape.ts'
import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { isRunMessageField } from '../run-message-field.ts'

export const unknownPath: Rule<Lintee> = {
  id: 'unknown-path',
  severity: 'error',
  summary: 'Every path names something that an expression can see',
  check: (lintee) => judged(lintee, 'unknown'),
}

export const nullPath: Rule<Lintee> = {
  id: 'null-path',
  severity: 'warning',
  summary:
    'No path names what this kind of action does not have, such as the inputs of an automation',
  check: (lintee) => judged(lintee, 'null'),
}

function* judged({ subject, expressions }: Lintee, type: 'unknown' | 'null'): Generator<Draft> {
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
