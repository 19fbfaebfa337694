import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

interface ActionDefinition {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  outputs: Record<string, { description: string }>
  runs: { using: string; main: string; post: string }
}

const FILE = new URL('../../action.yml', import.meta.url)

/** What action.yml says. */
export const actionDefinition: ActionDefinition = parse(readFileSync(FILE, 'utf8'))

/**
 * The variables in which the runner hands inputs to the action, with the defaults evaluated.
 *
 * @param contexts values of the expressions that defaults use: `job.status`, `github.token`
 * @throws if an input is not in action.yml, of which the runner warns
 */
export function inputVariables(
  inputs: Readonly<Record<string, string>>,
  contexts: Readonly<Record<string, string>>,
): Record<string, string> {
  const unknown = Object.keys(inputs).filter(
    (name) => !Object.hasOwn(actionDefinition.inputs, name),
  )
  if (unknown.length > 0) throw new Error(`action.yml has no input ${unknown.join(', ')}`)
  const entries = Object.entries(actionDefinition.inputs).map(
    ([name, { default: fallback = '' }]) => {
      const value =
        inputs[name] ??
        fallback.replace(/\$\{\{\s*([\w.]+)\s*\}\}/g, (_, path) => contexts[path] ?? '')
      return [`INPUT_${name.toUpperCase()}`, value]
    },
  )
  return Object.fromEntries(entries)
}
