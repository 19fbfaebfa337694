import { isJsonObject } from '@port-dispatch/core'
import { badInput, textInput } from './inputs.ts'

/** How the jobs before this one ended, by their ids: `success`, `failure`, `cancelled`, `skipped`. */
export type Needs = ReadonlyMap<string, string>

const HOW = `write "needs: \${{ toJSON(needs) }}"`

/**
 * The input `needs`, undefined if it is not set.
 *
 * @throws InputError if it is not what `${{ toJSON(needs) }}` gives
 */
export function needsInput(): Needs | undefined {
  const text = textInput('needs')
  if (text === undefined) return undefined
  const value = parse(text)
  if (!isJsonObject(value)) throw badInput('needs', `found no JSON object; ${HOW}`)
  const results = Object.entries(value).map(([job, need]) => {
    const result = isJsonObject(need) ? need.result : undefined
    if (typeof result === 'string') return [job, result] as const
    throw badInput('needs', `found no result of the job ${job}; ${HOW}`)
  })
  if (results.length === 0) {
    throw badInput(
      'needs',
      'names no job; add "needs: [build, deploy]" with the jobs to report on to this job',
    )
  }
  return new Map(results)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
