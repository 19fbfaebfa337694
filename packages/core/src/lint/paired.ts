import type { Lintee } from './lintee.ts'
import { methodFields, type SentValues } from './sent-values.ts'
import type { WorkflowInput } from './workflow/workflow.ts'

export interface Pair {
  sent: SentValues
  declared: ReadonlyMap<string, WorkflowInput>
  file: string
}

/** What is sent and what is declared, where both are known. */
export function* paired({ subject, sent, target }: Lintee): Generator<Pair> {
  if (sent?.field !== 'workflowInputs' || target?.type !== 'workflow') return
  const { inputs: declared, file } = target.workflow
  if (declared === undefined) return
  const { workflowInputs } = methodFields(subject)
  // Something that is not an object is reported as such.
  if (workflowInputs !== undefined && typeof workflowInputs !== 'object') return
  yield { sent, declared, file: file.split('/').at(-1) ?? file }
}
