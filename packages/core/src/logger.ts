/** Where messages for people go. The command writes them to stderr, the Action to the job's log. */
export interface Logger {
  info(message: string): void
  /** Something was left alone on purpose, for example a run that already ended. */
  notice(message: string): void
  warning(message: string): void
}

/** Says nothing. */
export const silentLogger: Logger = { info() {}, notice() {}, warning() {} }
