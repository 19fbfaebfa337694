import type { Sandbox } from '@port-dispatch/sandbox'
import { test } from 'vitest'
import { startCheckedSandbox } from '../contracts/checked-sandbox.ts'

/** A test with a sandbox of its own, so that tests can run at the same time. It runs five times as fast as real CI. */
export const sandboxTest = test.extend<{ sandbox: Sandbox }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  sandbox: async ({}, use) => {
    const sandbox = await startCheckedSandbox({ speed: 5 })
    await use(sandbox)
    await sandbox.close()
  },
})
