import { defineConfig, mergeConfig } from 'vitest/config'
import base, { NEEDS_KAFKA } from './vitest.config.ts'

// The tests that run once more on a busy machine: see scripts/under-load.ts. Those are left out in which time does not
// pass (virtual time, property tests, what is read and rendered once), and those that need a Kafka broker or start hundreds
// of processes, whose waiting is the same as in the others.
export default mergeConfig(
  base,
  defineConfig({
    test: {
      exclude: [
        ...NEEDS_KAFKA,
        'test/faults/{fault-matrix,many,schedules,webhook}.test.ts',
        'packages/core/test/template/compat/**',
        'packages/core/test/template/{fuzz,properties,plain-expression}.test.ts',
        'test/{conformance,fuzz}/**/{template-cases,documents,outputs}.test.ts',
        'test/e2e/{docs,examples,demo,library,usage,setting-names}.test.ts',
        'test/e2e/{lint,migrate,init}/**',
        'test/{schemas,quoted-messages,architecture}.test.ts',
      ],
    },
  }),
)
