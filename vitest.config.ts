import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['port-dispatch-source', 'node', 'import', 'module', 'default']

/** They need an Apache Kafka, which `npm ci` does not install: they belong to `npm run test:tools`. */
export const NEEDS_KAFKA = [
  'packages/agent/test/kafka/kafka-source.test.ts',
  'test/e2e/agent/drop-in/drop-in.test.ts',
  'test/e2e/kafka/**/*.test.ts',
  'test/faults/kafka.test.ts',
]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/tools/**', ...NEEDS_KAFKA],
    globalSetup: ['test/support/bundle-command.ts'],
    // Much of the time is spent waiting for processes.
    maxWorkers: availableParallelism() + 1,
    // For the processes that inherit it: halves their start.
    env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, 'node_modules/.cache/compile') },
    isolate: false,
    // Generous: a busy machine must not fail a test.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
})
