import { suggest } from '../../text/suggest.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { fieldPath, methodFields } from '../sent-values.ts'

export const missingFile: Rule<Lintee> = {
  id: 'missing-file',
  severity: 'error',
  summary: 'The workflow or pipeline that an action starts exists',
  *check({ subject, target, sent }) {
    if (target?.type !== 'missing') return
    const isWorkflow = sent?.field === 'workflowInputs'
    const { workflow } = methodFields(subject)
    const name = isWorkflow ? String(workflow) : target.file
    const meant = isWorkflow ? nearest(name, target.existing) : undefined
    yield {
      path: isWorkflow ? fieldPath(subject, 'workflow') : subject.methodPath,
      ...(!isWorkflow && { isKey: true }),
      severity: target.isCertain ? 'error' : 'warning',
      message: `There is no ${target.file} in ${target.place}`,
      ...(meant !== undefined
        ? { advice: `Did you mean ${meant}?` }
        : isWorkflow && target.existing.length > 0 && target.existing.length <= 8
          ? { advice: `There are ${target.existing.join(', ')}` }
          : {}),
    }
  },
}

/** Most of all another ending is meant. */
function nearest(name: string, existing: readonly string[]): string | undefined {
  const stem = (file: string) => file.replace(/\.ya?ml$/, '')
  return existing.find((file) => stem(file) === stem(name)) ?? suggest(name, existing)
}
