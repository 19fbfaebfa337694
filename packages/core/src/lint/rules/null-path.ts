import type { Rule } from '../finding.ts'
import { judgedPaths } from '../judged-paths.ts'
import type { Lintee } from '../lintee.ts'

export const nullPath: Rule<Lintee> = {
  id: 'null-path',
  severity: 'warning',
  summary:
    'No path names what this kind of action does not have, such as the inputs of an automation',
  check: (lintee) => judgedPaths(lintee, 'null'),
}
