/** One thing that is wrong with an input, at one place. */
export interface Problem {
  /** Where, as a path from the root of the input: `invocationMethod.workflow`, `workflowInputs.labels[2]`. Empty for the root. */
  path: string
  /** What was found there and what to do about it. */
  message: string
}

/** What kind of failure it is; each kind has its own exit code in the command. */
export type ErrorCode =
  /** The caller's input is wrong: a file, a field, a flag. */
  | 'INPUT'
  /** The payload was refused because expressions in it failed. */
  | 'STRICT'
  /** The process was asked to end before it had started anything. */
  | 'STOPPED'
  /** A CI system refused or could not be reached. */
  | 'BACKEND'
  /** Port refused or could not be reached. */
  | 'PORT'

/** The base of every error that this project raises on purpose. */
export class PortDispatchError extends Error {
  override readonly name: string = 'PortDispatchError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** An input that cannot be used, with every problem that was found in it. */
export class InputError extends PortDispatchError {
  override readonly name = 'InputError'
  readonly problems: readonly Problem[]

  /**
   * @param subject what was read, as the user knows it: `action examples/deploy/action.json`
   * @param problems at least one
   */
  constructor(subject: string, problems: readonly Problem[], options?: ErrorOptions) {
    super(
      'INPUT',
      [
        subject,
        ...problems.map(({ path, message }) => `  ${path ? `${path}: ` : ''}${message}`),
      ].join('\n'),
      options,
    )
    this.problems = problems
  }
}
