import { formatError, type PortDispatchError, type Setting } from './errors.ts'

/** Where messages for people go. The command writes them to stderr, the Action to the job's log. */
export interface Logger {
  info(message: string): void
  /** Something was left alone on purpose, for example a run that already ended. */
  notice(message: string): void
  warning(message: string): void
  /** What those who read the messages call a setting. Default: its name in the library, `github.token`. */
  settingName?(setting: Setting): string
}

/** Says nothing. */
export const silentLogger: Logger = { info() {}, notice() {}, warning() {} }

/** An error for those who read a log, with the names of settings that they know. */
export function explain(error: PortDispatchError, logger: Logger): string {
  return formatError(error, (setting) => logger.settingName?.(setting) ?? setting)
}
