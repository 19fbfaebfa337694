import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const templateSyntax: Rule<Lintee> = {
  id: 'template-syntax',
  severity: 'error',
  summary: 'Every {{ of a template has its }}',
  *check({ expressions }) {
    for (const { path, isKey, mistake } of expressions.texts) {
      if (!mistake) continue
      // The message ends with the advice, and the index is shown as a place.
      const [what = '', advice] = mistake.message.replace(/ at index \d+/g, '').split(': ', 2)
      yield {
        path,
        ...(isKey && { isKey: true }),
        span: { index: mistake.index, length: 2 },
        message: what,
        ...(advice !== undefined && { advice: `${advice[0]?.toUpperCase()}${advice.slice(1)}` }),
      }
    }
  },
}
