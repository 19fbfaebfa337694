import type { Rule } from '../finding.ts'
import { judgedPaths } from '../judged-paths.ts'
import type { Lintee } from '../lintee.ts'

export const unknownPath: Rule<Lintee> = {
  id: 'unknown-path',
  severity: 'error',
  summary: 'Every path names something that an expression can see',
  check: (lintee) => judgedPaths(lintee, 'unknown'),
}
