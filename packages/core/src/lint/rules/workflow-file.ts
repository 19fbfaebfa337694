import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { fieldPath, methodFields, startedBy } from '../sent-values.ts'

export const workflowFile: Rule<Lintee> = {
  id: 'workflow-file',
  severity: 'warning',
  summary: 'The action names the file of a workflow, or its ID',
  *check({ subject }) {
    const { workflow } = methodFields(subject)
    if (startedBy(subject) !== 'workflow' || typeof workflow !== 'string') return
    const name = workflow.trim()
    // Templates, and placeholders of those.
    if (name === '' || /\{\{|[<>]/.test(name) || /^\d+$/.test(name)) return
    if (/\.ya?ml$/i.test(name)) return
    const file = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.yml`
    yield {
      path: fieldPath(subject, 'workflow'),
      message: `${JSON.stringify(workflow)} is neither the file name nor the ID of a workflow, and GitHub finds no workflow by its name`,
      advice: `Write the name of its file in .github/workflows, such as ${JSON.stringify(file)}`,
    }
  },
}
