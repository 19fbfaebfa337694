import { writeSync } from 'node:fs'
import type { Logger as RunLogger } from '@port-dispatch/core'
import { errorCode } from '@port-dispatch/core/http'
import type { Redactor } from '@port-dispatch/core/text'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Work } from './work.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogOptions {
  /** Default `info`. */
  level?: LogLevel | undefined
  /** `pretty` for a terminal, `json` for everything else. */
  format: 'pretty' | 'json'
  redactor: Redactor
  /** Default: standard output. */
  stream?: DestinationStream | undefined
}

/** The log of the agent: one JSON object a line, with `runId`, `source` and `action` where a line is about a run. */
export async function createLog(options: LogOptions): Promise<Logger> {
  const { level = 'info', format, redactor } = options
  const stream = options.stream ?? (await streamOf(format))
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        // Whatever a message quotes, and whoever logs it.
        streamWrite: (line) => redactor(line),
      },
    },
    stream,
  )
}

/** What cannot be written is kept up to here, and then dropped: no run waits for the log. */
const MAX_UNWRITTEN_BYTES = 16 * 1024 * 1024

async function streamOf(format: LogOptions['format']): Promise<DestinationStream> {
  const output = pino.destination({ dest: 1, sync: true, maxLength: MAX_UNWRITTEN_BYTES })
  output.on('error', sayOnce())
  if (format === 'json') return output
  const { default: pretty } = await import('pino-pretty')
  return pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', destination: output })
}

/** A full disk, or a reader that has gone, ends the log. It must not end the agent: what it has taken is executed. */
function sayOnce(): (error: unknown) => void {
  let isSaid = false
  return (error) => {
    if (isSaid) return
    isSaid = true
    try {
      const found = `The log cannot be written (${errorCode(error)}). Runs go on.`
      writeSync(2, `port-dispatch agent: ${found}\n`)
    } catch {
      // Standard error is where the log is.
    }
  }
}

/** The logger of one run, or of the agent, as libraries of this project take it. */
export function runLogger(
  log: Logger,
  work?: Pick<Work, 'runId' | 'source' | 'action'>,
): RunLogger {
  const fields = work && {
    source: work.source,
    ...(work.runId !== '' && { runId: work.runId }),
    ...(work.action !== undefined && { action: work.action }),
  }
  return {
    info: (message) => log.info(fields ?? {}, message),
    notice: (message) => log.info(fields ?? {}, message),
    warning: (message) => log.warn(fields ?? {}, message),
  }
}
