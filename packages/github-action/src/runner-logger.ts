import { info, notice, warning } from '@actions/core'
import type { Logger } from '@port-dispatch/core'
import { inInputNames } from './in-input-names.ts'

/** Writes to the job's log; notices and warnings become annotations of the run. */
export const runnerLogger: Logger = {
  info: (message) => info(withoutCommands(message)),
  notice: (message) => notice(inInputNames(message)),
  warning: (message) => warning(inInputNames(message)),
}

/**
 * Text in which the runner finds no command, whoever wrote it. The runner obeys `::command::` at the start of a line
 * and `##[command]` anywhere in it.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^(\s*)::/gm, '$1\\::').replaceAll('##[', '##\\[')
}
