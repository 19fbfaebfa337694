import { InputError } from '@port-dispatch/core'
import { parseTriggerData, type TriggerData } from '@port-dispatch/core/action'
import type { Environment } from '../network/environment.ts'
import { contextFromCi } from './ci/context-from-ci.ts'
import { detectCi } from './ci/detect-ci.ts'
import { searchRunId } from './ci/run-id-from-ci.ts'
import { parseDocument, readDocument } from './documents.ts'

/**
 * Reads what templates see from where the user says it is, else from what started this CI job.
 *
 * @param source a file, `-`, or inline JSON
 * @throws InputError if it is not there or not valid
 */
export async function readContext(
  source: string | undefined,
  env: Environment,
): Promise<TriggerData> {
  if (source) return await readGiven(source)
  const job = detectCi(env)
  const context = await contextFromCi(env, job)
  if (!context) {
    const place = job
      ? `, and ${job.name} was not started by Port with a payload (port_context or port_payload)`
      : ''
    throw new InputError('It is unknown what the templates should see:', [
      { path: '--context', found: `is missing${place}; give a file with trigger data` },
    ])
  }
  const data = parseTriggerData(context, 'What started this job')
  const found = data.runId ? undefined : await searchRunId(env, job)
  return { ...data, ...(found?.found && { runId: found.runId }) }
}

async function readGiven(source: string): Promise<TriggerData> {
  if (/^\s*\{/.test(source)) {
    return parseTriggerData(await parseDocument(source, 'the inline text', 'The context'))
  }
  return parseTriggerData(await readDocument(source, 'The context'), `The context ${source}`)
}
