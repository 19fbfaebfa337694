import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The suites that need other programs, or take long: act, actionlint, gitlab-ci-local, npm pack. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/tools/**/*.test.ts'],
    exclude: [],
    isolate: true,
    testTimeout: 600_000,
  },
})
