import { defineConfig } from 'vitest/config'
import base, { NEEDS_KAFKA } from './vitest.config.ts'

/** The suites that need other programs, or take long: act, actionlint, gitlab-ci-local, Apache Kafka, ncc, npm pack. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/tools/**/*.test.ts', ...NEEDS_KAFKA],
    exclude: [],
    isolate: true,
    testTimeout: 600_000,
  },
})
