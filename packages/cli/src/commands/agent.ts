import { InputError } from '@port-dispatch/core'
import type { Command } from 'commander'

/** The flags, and the variables that they stand for. */
const VARIABLES = {
  source: 'PORT_DISPATCH_SOURCE',
  config: 'PORT_DISPATCH_CONFIG',
  concurrency: 'PORT_DISPATCH_CONCURRENCY',
  listen: 'PORT_DISPATCH_LISTEN',
  operationsListen: 'PORT_DISPATCH_OPERATIONS_LISTEN',
  grace: 'PORT_DISPATCH_GRACE',
  orderBy: 'PORT_DISPATCH_ORDER_BY',
} as const
const ALL = 'PORT_DISPATCH_ALL'

type AgentFlags = Partial<Record<keyof typeof VARIABLES, string>> & { all?: true }

export function configure(command: Command): void {
  command
    .option(
      '--source <names>',
      `where to take runs from: kafka, claim, webhook (default: claim, env: ${VARIABLES.source})`,
    )
    .option('--config <file>', `port-dispatch.yml with routes (env: ${VARIABLES.config})`)
    .option(
      '--concurrency <number>',
      `how many runs can be started at once (default: 50, env: ${VARIABLES.concurrency})`,
    )
    .option(
      '--listen <address>',
      `where to receive webhooks (default: 0.0.0.0:8080, env: ${VARIABLES.listen})`,
    )
    .option(
      '--operations-listen <address>',
      `where to serve probes and metrics (default: 0.0.0.0:9090, env: ${VARIABLES.operationsListen})`,
    )
    .option('--grace <time>', `time limit for stopping (default: 25s, env: ${VARIABLES.grace})`)
    .option(
      '--order-by <template>',
      `execute runs for which this gives the same value one after the other (env: ${VARIABLES.orderBy})`,
    )
    .option(
      '--all',
      `from Kafka, also take runs whose action does not have agent: true (env: ${ALL})`,
    )
    .action(async (flags: AgentFlags) => {
      const { main } = await loadAgent()
      const given = Object.entries(VARIABLES).flatMap(([flag, variable]) => {
        const value = flags[flag as keyof typeof VARIABLES]
        return value === undefined ? [] : [[variable, value]]
      })
      const all = flags.all && { [ALL]: 'true' }
      await main({ ...process.env, ...Object.fromEntries(given), ...all })
    })
}

/**
 * The agent is a package of its own, so that the command stays small.
 *
 * @throws InputError if it is not installed
 */
async function loadAgent() {
  try {
    return await import('@port-dispatch/agent/main')
  } catch (error) {
    throw new InputError(
      'The agent cannot run:',
      [
        {
          path: '@port-dispatch/agent',
          found: 'is not installed',
          advice:
            'Install it beside the command: npm install @port-dispatch/cli @port-dispatch/agent',
        },
      ],
      { cause: error },
    )
  }
}
