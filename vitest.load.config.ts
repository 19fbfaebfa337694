import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

// The tests that run once more on a busy machine: see scripts/under-load.ts. Those are left out in which time does not
// pass (virtual time, property tests, what is read and rendered once), and those that need a Kafka broker or start hundreds
// of processes, whose waiting is the same as in the others.
export default mergeConfig(
  base,
  defineConfig({
    test: {
      exclude: [
        '**/kafka/kafka-source.test.ts',
        'test/e2e/kafka/**',
        'test/e2e/agent/drop-in/**',
        'test/faults/{kafka,fault-matrix,many,schedules,webhook}.test.ts',
        'packages/core/test/template/compat/**',
        'packages/core/test/template/{fuzz,properties,plain-expression}.test.ts',
        'test/{conformance,supply-chain,fuzz}/**/{template-cases,packages,origins,documents,outputs}.test.ts',
        'test/e2e/{docs,examples,demo,library,usage,template-bundle,setting-names}.test.ts',
        'test/e2e/{lint,migrate,init}/**',
        'test/{schemas,quoted-messages,architecture}.test.ts',
      ],
    },
  }),
)
