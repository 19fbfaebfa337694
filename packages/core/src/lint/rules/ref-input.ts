import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const refInput: Rule<Lintee> = {
  id: 'ref-input',
  severity: 'warning',
  summary: 'The workflow has no input named ref, because GITHUB takes it for the branch',
  *check({ subject, target }) {
    if (subject.methodType !== 'GITHUB' || target?.type !== 'workflow') return
    const input = target.workflow.inputs?.get('ref')
    if (!input) return
    const isNeeded = input.isRequired && !input.hasDefault
    yield {
      file: target.workflow.file,
      path: input.path,
      isKey: true,
      ...(isNeeded && { severity: 'error' }),
      message: `The input ref of the workflow never gets a value: in workflowInputs, Port takes ref for the branch or tag to run${isNeeded ? ', and GitHub refuses to start a workflow without a required input' : ''}`,
      advice: 'Give the input another name, such as branch',
    }
  },
}
