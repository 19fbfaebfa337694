import type { ExitCode } from './exit-code.ts'

/** Ends the command with an exit code when everything there is to say has been said. */
export class ExitWith extends Error {
  override readonly name = 'ExitWith'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode) {
    super(`exit ${exitCode}`)
    this.exitCode = exitCode
  }
}
