import { isJsonObject } from '../../json.ts'
import { isSpread } from '../expressions.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { methodFields } from '../sent-values.ts'

export const chosenVariables: Rule<Lintee> = {
  id: 'chosen-variables',
  severity: 'warning',
  summary:
    'Nobody who runs the action can set variables of the pipeline that the action does not name',
  *check({ subject, sent, expressions }) {
    const variables = methodFields(subject).pipelineVariables
    if (sent?.field !== 'pipelineVariables' || !isJsonObject(variables)) return
    for (const key of Object.keys(variables)) {
      const path = [...sent.path, key]
      const text = isSpread(key) ? expressions.textAt(path) : undefined
      for (const { uses } of text?.expressions ?? []) {
        const name = uses.find(({ segments }) => segments[0] === 'inputs')?.segments[1]
        const input = typeof name === 'string' ? subject.inputs?.get(name) : undefined
        if (input?.type !== 'object') continue
        yield {
          path,
          message: `Whoever runs the action can set any variable of the pipeline with the user input ${input.name}, those that jobs trust included, such as PATH or PORT_CLIENT_SECRET`,
          advice: `Name the variables one by one, or send the object as one variable: "${input.name.toUpperCase()}": "{{ .inputs.${input.name} }}"`,
        }
      }
    }
  },
}
