import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const protectedVariables: Rule<Lintee> = {
  id: 'protected-variables',
  severity: 'info',
  summary:
    'Whoever runs the action does not choose a branch on which protected variables are missing',
  *check({ subject, target }) {
    if (target?.type !== 'pipeline' || subject.methodType !== 'GITLAB') return
    const input = subject.inputs?.get('ref')
    if (!input || input.values || !target.pipeline.includesReport) return
    yield {
      path: input.path,
      isKey: true,
      message:
        'The user input ref chooses the branch, and protected CI/CD variables are missing on branches that are not protected',
      advice:
        'Do not protect PORT_CLIENT_ID and PORT_CLIENT_SECRET, or give ref an enum of protected branches',
    }
  },
}
