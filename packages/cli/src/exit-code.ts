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
  /** The work succeeded, but Port could not be told. */
  notReported: 4,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

const OF_ERROR: Record<ErrorCode, ExitCode> = {
  INPUT: ExitCode.usage,
  STRICT: ExitCode.failed,
  STOPPED: ExitCode.failed,
  BACKEND: ExitCode.refused,
  PORT: ExitCode.refused,
  TRANSPORT: ExitCode.refused,
  LIMIT: ExitCode.usage,
}

export function exitCodeOfError({ code }: PortDispatchError): ExitCode {
  return OF_ERROR[code]
}

export function exitCodeOfResult({ outcome, reported }: DispatchResult): ExitCode {
  if (outcome?.status === 'FAILURE') return ExitCode.failed
  return reported === 'not-reported' ? ExitCode.notReported : ExitCode.done
}
