import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'

const LOGGING = new URL('../src/logging.ts', import.meta.url).href

describe.each(['json', 'pretty'])('the log, %s', (format) => {
  it.skipIf(!existsSync('/dev/full'))(
    'says once that its disk is full, and ends nothing',
    async () => {
      const program = `
        const { createLog } = await import(${JSON.stringify(LOGGING)})
        const log = await createLog({ format: '${format}', redactor: (text) => text })
        for (let count = 0; count < 3; count++) {
          log.info('line ' + count)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        process.exitCode = 7`
      const child = spawn(
        process.execPath,
        ['--conditions=port-dispatch-source', '--input-type=module', '--eval', program],
        { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] },
      )
      const exited = new Promise((resolve) => child.once('exit', resolve))
      const said = child.stderr && (await text(child.stderr))
      expect(said).toBe('port-dispatch agent: The log cannot be written (ENOSPC). Runs go on.\n')
      expect(await exited).toBe(7)
    },
  )
})
