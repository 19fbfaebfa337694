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

type AgentFlags = Partial<Record<keyof typeof VARIABLES, string>> & { all?: true }

export function configure(command: Command): void {
  command
    .option('--source <names>', 'where runs are taken from: kafka, claim, webhook (default: claim)')
    .option('--config <file>', 'port-dispatch.yml with routes')
    .option('--concurrency <number>', 'how many runs can be started at once (default: 50)')
    .option('--listen <address>', 'where webhooks are received (default: 0.0.0.0:8080)')
    .option(
      '--operations-listen <address>',
      'where probes and metrics are served (default: 0.0.0.0:9090)',
    )
    .option('--grace <duration>', 'how long a stop may take (default: 25s)')
    .option('--order-by <template>', 'runs for which it gives the same are executed in order')
    .option('--all', 'from Kafka, take runs whose action does not say agent: true as well')
    .action(async (flags: AgentFlags) => {
      const { main } = await loadAgent()
      const given = Object.entries(VARIABLES).flatMap(([flag, variable]) => {
        const value = flags[flag as keyof typeof VARIABLES]
        return value === undefined ? [] : [[variable, value]]
      })
      const all = flags.all && { PORT_DISPATCH_ALL: 'true' }
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
