import { error as annotate, setFailed } from '@actions/core'
import type { ErrorCode } from '@port-dispatch/core'
import { useProxy } from '@port-dispatch/dispatcher/host'
import { inInputNames } from './in-input-names.ts'
import { runnerLogger } from './runner-logger.ts'

const CODES: Record<ErrorCode, true> = {
  INPUT: true,
  STRICT: true,
  STOPPED: true,
  BACKEND: true,
  PORT: true,
  TRANSPORT: true,
  LIMIT: true,
}

/** Does the work of the step. The one place where a step fails. */
export async function perform(work: () => Promise<void>): Promise<void> {
  try {
    const problem = await useProxy(process.env)
    if (problem) runnerLogger.warning(problem)
    await work()
  } catch (error) {
    if (isExpected(error)) {
      setFailed(inInputNames(error.message))
    } else {
      setFailed('port-dispatch failed in a way it should not. Please report this with its log.')
      annotate(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  }
}

/** Whether an error was raised on purpose. Each bundle has classes of its own, so the class does not tell. */
function isExpected(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code) in CODES
}
