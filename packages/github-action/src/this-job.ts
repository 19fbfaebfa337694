import { InputError } from '@port-dispatch/core'
import { type CiJob, detectCi } from '@port-dispatch/dispatcher/host'
import { textInput } from './inputs/inputs.ts'

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface ThisJob extends CiJob {
  /** The workflow, as people call it. */
  workflow: string
  attempt: number
}

/** @throws InputError outside of GitHub Actions */
export function thisJob(env: Environment): ThisJob {
  const job = detectCi(env)
  if (job?.name !== 'GitHub Actions') {
    throw new InputError('This runs in a GitHub Actions job only:', [
      {
        path: 'GITHUB_ACTIONS',
        found: 'is not "true", or GITHUB_REPOSITORY or GITHUB_RUN_ID is missing',
      },
    ])
  }
  const { externalRunId: detected, ...rest } = job
  const externalRunId = textInput('externalRunId') ?? detected
  return {
    ...rest,
    ...(externalRunId && { externalRunId }),
    workflow: env.GITHUB_WORKFLOW || 'The workflow',
    attempt: Number(env.GITHUB_RUN_ATTEMPT ?? 1),
  }
}
