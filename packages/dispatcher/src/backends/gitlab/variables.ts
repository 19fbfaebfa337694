import { InputError, type JsonObject, type Problem } from '@port-dispatch/core'
import { type TextValues, textValues } from '../text-values.ts'

/**
 * Makes pipeline variables from rendered `pipelineVariables`.
 *
 * @throws InputError naming the keys that GitLab does not accept
 */
export function gitlabVariables(pipelineVariables: JsonObject): TextValues {
  const problems: Problem[] = Object.keys(pipelineVariables)
    .filter((key) => !/^\w+$/.test(key))
    .map((key) => ({
      path: `pipelineVariables[${JSON.stringify(key)}]`,
      found: 'is not the name of a variable',
      advice: `Use letters, digits and _ only, for example ${key.replace(/\W+/g, '_')}`,
    }))
  if (problems.length > 0) throw new InputError('GitLab does not accept these variables:', problems)
  return textValues('pipelineVariables', pipelineVariables)
}
