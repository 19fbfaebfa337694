// What a migration is made of.
import type { Edit } from './edits.ts'
import type { PortStep } from './port-step.ts'
import type { Job } from './workflow.ts'

/** Something that was done, or not, and why. */
export interface Remark {
  /** `kept` is worth a look: what somebody could expect to be rewritten was not. */
  type: 'done' | 'kept'
  job: string
  step?: string
  text: string
}

/** A job with its steps of port-github-action. */
export interface PortJob {
  job: Job
  ports: PortStep[]
}

export interface Plan {
  edits: Edit[]
  remarks: Remark[]
}
