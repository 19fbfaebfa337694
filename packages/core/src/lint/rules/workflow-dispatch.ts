import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const workflowDispatch: Rule<Lintee> = {
  id: 'workflow-dispatch',
  severity: 'error',
  summary: 'The workflow has the trigger workflow_dispatch',
  *check({ target }) {
    if (target?.type !== 'workflow' || target.workflow.inputs !== undefined) return
    const { file, onPath, events } = target.workflow
    yield {
      file,
      path: onPath ?? [],
      ...(onPath && { isKey: true }),
      message: `GitHub refuses to start this workflow: it runs on ${events.join(', ') || 'nothing'}, not on workflow_dispatch`,
      advice: 'Add workflow_dispatch to on, with the inputs that the action sends',
    }
  },
}
