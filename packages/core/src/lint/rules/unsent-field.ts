import { isJsonObject, type Json } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { methodFields } from '../sent-values.ts'
import { fieldReads } from '../workflow/expressions.ts'

export const unsentField: Rule<Lintee> = {
  id: 'unsent-field',
  severity: 'warning',
  summary: 'The action sends the fields that the workflow reads of an input with JSON',
  *check({ subject, sent, target }) {
    if (target?.type !== 'workflow' || sent?.field !== 'workflowInputs') return
    const { workflowInputs } = methodFields(subject)
    if (!isJsonObject(workflowInputs)) return
    for (const expression of target.workflow.expressions) {
      for (const { input, fields, index, length } of fieldReads(expression)) {
        const value = Object.hasOwn(workflowInputs, input) ? workflowInputs[input] : undefined
        const missing = missingIn(value, fields)
        if (!missing) continue
        const written = [input, ...fields].join('.')
        yield {
          file: target.workflow.file,
          path: expression.path,
          span: { index: expression.start + index, length },
          message: `${written} is always empty: the action does not send it${subject.identifier === undefined ? '' : ` (${subject.identifier})`}`,
          advice: adviceOn(missing, input, fields),
        }
      }
    }
  },
}

interface Missing {
  name: string
  /** The names that lead to what has no such field, and the fields that it has. */
  parents: readonly string[]
  existing: readonly string[]
}

/** The first of the names that is not there, if that is certain. */
function missingIn(value: Json | undefined, fields: readonly string[]): Missing | undefined {
  let at = value
  for (const [depth, name] of fields.entries()) {
    if (!isJsonObject(at)) return undefined
    const keys = Object.keys(at)
    // GitHub does not look at the case of names. Templates can make any key.
    if (keys.some((key) => key.includes('{{'))) return undefined
    const key = keys.find((each) => each.toLowerCase() === name.toLowerCase())
    if (key === undefined) return { name, parents: fields.slice(0, depth), existing: keys }
    at = at[key]
  }
  return undefined
}

/** `run.id` is `runId` in many contexts. */
function adviceOn(
  { name, parents, existing }: Missing,
  input: string,
  fields: readonly string[],
): string {
  const rest = fields.slice(parents.length).join('')
  const meant = suggest(name, existing) ?? suggest(rest, existing)
  if (meant !== undefined) return `Did you mean ${[input, ...parents, meant].join('.')}?`
  return `It sends ${existing.join(', ') || 'no fields'}`
}
