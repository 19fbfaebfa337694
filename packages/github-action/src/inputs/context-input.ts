import { parseTriggerData, type TriggerData } from '@port-dispatch/core/action'
import { contextFromCi } from '@port-dispatch/dispatcher/host'
import { type Environment, thisJob } from '../this-job.ts'
import { documentInput } from './document-input.ts'
import { textInput } from './inputs.ts'

/**
 * What templates see: the input `context`, else what the event carries. The run id is that of the input `runId`, else
 * the one that the context names.
 *
 * @throws InputError if it is not trigger data and no run message
 */
export async function contextInput(env: Environment): Promise<TriggerData> {
  const runId = textInput('runId')
  const given = await documentInput('context')
  if (given !== undefined) {
    const data = parseTriggerData(given, 'The input context')
    return { ...data, ...(runId && { runId }) }
  }
  const carried = (await contextFromCi(env, thisJob(env))) ?? { inputs: {}, run: null }
  // The input says what the event does not.
  const context = runId && !carried.run ? { ...carried, run: { id: runId } } : carried
  const data = parseTriggerData(context, 'What the event carries')
  return { ...data, ...(runId && { runId }) }
}
