/** What could not be carried over, or was decided although it could be otherwise. */
export interface InitNote {
  /** Where it is in what was read: `on.workflow_dispatch.inputs.size`. */
  path: string
  /** A sentence without its full stop. */
  message: string
}
