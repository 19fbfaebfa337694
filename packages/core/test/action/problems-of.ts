import { InputError, type Problem } from '@port-dispatch/core'

/** The problems of the InputError that the work throws; none if it succeeds. */
export function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work()
  } catch (error) {
    if (error instanceof InputError) return error.problems
    throw error
  }
  return []
}

/** The lines of the InputError that the work throws, as people read them. */
export function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return ''
}
