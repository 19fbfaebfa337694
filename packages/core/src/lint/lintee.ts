import type { Expressions } from './expressions.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import type { SentValues } from './sent-values.ts'
import type { Subject } from './subject.ts'
import type { Workflow } from './workflow/workflow.ts'

/** The file that an action starts, as far as it was found. */
export type Target =
  | { type: 'workflow'; workflow: Workflow }
  | { type: 'pipeline'; pipeline: Pipeline }
  /** The file that the action names is not there. */
  | {
      type: 'missing'
      /** `.github/workflows/deploy.yml` */
      file: string
      /** Where it was looked for, as people call it: `acme/services`, `the branch main`. */
      place: string
      /** Names of the files that are there. */
      existing: readonly string[]
      /** Whether it is certain that the action means this place. */
      isCertain: boolean
    }

/** What rules see: an action with all that is known of it. */
export interface Lintee {
  subject: Subject
  expressions: Expressions
  /** The workflow inputs or pipeline variables that the action sends, if it starts a workflow or a pipeline. */
  sent: SentValues | undefined
  target: Target | undefined
}
