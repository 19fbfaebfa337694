import { badInput, textInput } from './inputs.ts'

const STATUSES = ['success', 'failure', 'cancelled'] as const

/** The `status` of GitHub's `job` context. */
export type JobStatus = (typeof STATUSES)[number]

/** @throws InputError if the input `jobStatus` is no status of a job */
export function jobStatusInput(): JobStatus {
  const text = textInput('jobStatus')
  const known = STATUSES.find((status) => status === text?.toLowerCase())
  if (known) return known
  const found = text === undefined ? 'is missing' : `found "${text}"`
  throw badInput(
    'jobStatus',
    `${found}; leave the input out, so that it is the status of the job, or give one of ${STATUSES.join(', ')}`,
  )
}
