import type { ErrorCode, PortDispatchError } from '@port-dispatch/core'
import type { DispatchResult } from '@port-dispatch/dispatcher'

/** What the command's exit codes mean. */
export const ExitCode = {
  /** Done, and nothing failed. */
  done: 0,
  /** The run ended as a failure, or a strict check failed. */
  failed: 1,
  /** Wrong use, or an invalid file. */
  usage: 2,
  /** The backend, or Port before anything was started, refused or could not be reached. */
  refused: 3,
  /** The work succeeded, but Port could not be updated. */
  notReported: 4,
  /** A fault of this program (`EX_SOFTWARE`). */
  unexpected: 70,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

const OF_ERROR: Record<ErrorCode, ExitCode> = {
  INPUT: ExitCode.usage,
  LIMIT: ExitCode.usage,
  STRICT: ExitCode.failed,
  STOPPED: ExitCode.failed,
  BACKEND: ExitCode.refused,
  PORT: ExitCode.refused,
  TRANSPORT: ExitCode.refused,
}

export function exitCodeOfError({ code }: PortDispatchError): ExitCode {
  return OF_ERROR[code]
}

export function exitCodeOfResult({ outcome, lost, reported }: DispatchResult): ExitCode {
  if (lost) return ExitCode.refused
  if (outcome?.status === 'FAILURE') return ExitCode.failed
  return reported === 'not-reported' ? ExitCode.notReported : ExitCode.done
}

/** Ends the command with an exit code when everything there is to say has been said. */
export class ExitWith extends Error {
  override readonly name = 'ExitWith'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode) {
    super(`exit ${exitCode}`)
    this.exitCode = exitCode
  }
}
