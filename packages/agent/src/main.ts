import { formatError, PortDispatchError, systemClock } from '@port-dispatch/core'
import { endProcess, interruption } from '@port-dispatch/dispatcher/host'
import { runAgent } from './run-agent.ts'
import { settingName } from './setting-names.ts'
import type { Environment } from './settings/variables.ts'

/** As those of the command: 2 wrong use, 3 Port or Kafka refused. */
const EXIT_CODES: Partial<Record<PortDispatchError['code'], number>> = {
  INPUT: 2,
  LIMIT: 2,
  PORT: 3,
  BACKEND: 3,
  TRANSPORT: 3,
}

/**
 * Runs the agent until the process is asked to end, then ends the process.
 *
 * @param env the settings: `PORT_CLIENT_ID`, …
 */
export async function main(env: Environment = process.env): Promise<never> {
  const signal = interruption()
  try {
    await runAgent(env, { signal, clock: systemClock, isTerminal: process.stdout.isTTY === true })
    return await endProcess(0)
  } catch (error) {
    if (!(error instanceof PortDispatchError)) throw error
    process.stderr.write(`port-dispatch agent: ${formatError(error, settingName)}\n`)
    return await endProcess(EXIT_CODES[error.code] ?? 1)
  }
}
