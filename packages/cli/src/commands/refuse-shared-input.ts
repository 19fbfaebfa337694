import { InputError } from '@port-dispatch/core'

/** @throws InputError if action and context are both to come from standard input */
export function refuseSharedInput({ action, context }: { action: string; context?: string }): void {
  if (action !== '-' || context !== '-') return
  throw new InputError('Standard input can be read once:', [
    { path: '--context', found: 'found -, and so is --action; give one of them as a file' },
  ])
}
