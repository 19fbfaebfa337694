import type { Sandbox } from '@port-dispatch/sandbox'
import { test } from 'vitest'
import { startCheckedSandbox } from '../contracts/checked-sandbox.ts'

/** A test with a sandbox of its own, so that tests can run at the same time. */
function withSandbox(speed: number) {
  return test.extend<{ sandbox: Sandbox }>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
    sandbox: async ({}, use) => {
      const sandbox = await startCheckedSandbox({ speed })
      await use(sandbox)
      await sandbox.close()
    },
  })
}

/** Its runs and pipelines go five times as fast as in real CI. */
export const sandboxTest = withSandbox(5)

/** Its runs and pipelines end only if somebody ends them, however busy the machine is. */
export const endlessSandboxTest = withSandbox(0.01)
