import { InputError, type JsonObject, type Problem } from '@port-dispatch/core'
import { type TextValues, textValues } from '../text-values.ts'

/** Limits of `POST …/dispatches`. */
const MAX_INPUTS = 25
const MAX_CHARACTERS = 65_535

/**
 * Makes the inputs of a workflow_dispatch from rendered `workflowInputs`.
 *
 * @throws InputError if GitHub would not accept them
 */
export function githubInputs(workflowInputs: JsonObject): TextValues {
  const text = textValues('workflowInputs', workflowInputs)
  const problems = sizeProblems(text.values)
  if (problems.length > 0) throw new InputError('GitHub does not accept these inputs:', problems)
  return text
}

function sizeProblems(inputs: Record<string, string>): Problem[] {
  const problems: Problem[] = []
  const count = Object.keys(inputs).length
  if (count > MAX_INPUTS) {
    problems.push({
      path: 'workflowInputs',
      found: `has ${count} inputs; GitHub accepts at most ${MAX_INPUTS}`,
      advice: 'Send several values as one JSON object',
    })
  }
  const characters = JSON.stringify(inputs).length
  if (characters > MAX_CHARACTERS) {
    const [largest] = Object.entries(inputs).sort(([, a], [, b]) => b.length - a.length)
    problems.push({
      path: 'workflowInputs',
      found: `has ${characters} characters as JSON; GitHub accepts at most ${MAX_CHARACTERS}. The largest is ${largest?.[0]} with ${largest?.[1].length}`,
    })
  }
  return problems
}
