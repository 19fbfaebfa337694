import type { Json } from '../json.ts'
import { suggest } from '../text/suggest.ts'
import type { Draft } from './finding.ts'
import type { Lintee } from './lintee.ts'
import { paired } from './paired.ts'
import type { SentValue } from './sent-values.ts'
import type { WorkflowInput } from './workflow/workflow.ts'

/** Each value that is sent, with the input of the workflow that gets it. */
export function* sentPairs(lintee: Lintee): Generator<{ value: SentValue; input: WorkflowInput }> {
  for (const { sent, declared } of paired(lintee)) {
    for (const value of sent.values) {
      const input = declared.get(value.name)
      if (input) yield { value, input }
    }
  }
}

/** Null is sent as the text `null`. */
export function* whenEmpty(
  path: SentValue['path'],
  user: { name: string; isAlwaysSet: boolean; definition: Readonly<Record<string, Json>> },
  { name, type }: WorkflowInput,
  isV1: boolean,
): Generator<Draft> {
  // A default that is computed, and a form that Port fills in otherwise, cannot be told.
  if (user.isAlwaysSet || isV1 || user.definition.default !== undefined) return
  yield {
    path,
    severity: 'warning',
    message: `The user input ${user.name} is null if nothing was entered, and the ${type} ${name} then gets the text null`,
    advice: `Make ${user.name} required, give it a default, or leave the input out: "{{ if (.inputs | has(\\"${user.name}\\")) then \\"${name}\\" else null end }}"`,
  }
}

/** What is found about a constant that GitHub refuses. */
export function refused(
  path: SentValue['path'],
  value: Json,
  { name, type, options }: WorkflowInput,
): Draft {
  const accepted = type === 'boolean' ? ['true', 'false'] : options
  const meant = typeof value === 'string' ? suggest(value, accepted) : undefined
  return {
    path,
    message: `GitHub refuses ${JSON.stringify(value)} for the input ${name}, which accepts ${accepted.map((option) => JSON.stringify(option)).join(', ')}`,
    ...(meant !== undefined && { advice: `Did you mean ${JSON.stringify(meant)}?` }),
  }
}
