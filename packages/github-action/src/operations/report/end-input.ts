import { choiceInput } from '../../inputs/inputs.ts'

/**
 * The input `reportWorkflowStatus` of REPORT: whether it ends the Port run. With `failure` it does so if the job fails; a
 * plan that waits for its approval goes on.
 */
export type EndMode = 'true' | 'failure' | 'false'

/** @throws InputError if it is something else */
export function endInput(): EndMode {
  return choiceInput('reportWorkflowStatus', ['true', 'failure', 'false'])
}
