import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('../src/host/end-process.ts', import.meta.url).href

/** Runs a program in which `endProcess` is imported. */
function run(program: string) {
  const code = `import { endProcess } from ${JSON.stringify(MODULE)}\n${program}`
  const args = ['--conditions=port-dispatch-source', '--input-type=module', '--eval', code]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('a process whose work is done', () => {
  it('ends although something is left open, after all of its output was read', async () => {
    const child = run(`
      setInterval(() => {}, 1000)
      process.stdout.write('x'.repeat(3_000_000) + 'end')
      void endProcess(4)`)
    const closed = once(child, 'close')
    // Longer than it takes to fill the pipe.
    await delay(300)
    const [output, [code]] = await Promise.all([text(child.stdout), closed])
    expect(output).toHaveLength(3_000_003)
    expect(output.endsWith('end')).toBe(true)
    expect(code).toBe(4)
  })

  it('keeps the exit code that was set before', async () => {
    const child = run(`
      process.exitCode = 3
      void endProcess()`)
    expect(await once(child, 'close')).toEqual([3, null])
  })

  it('ends although nobody reads its output any more', async () => {
    const child = run(`
      process.stdout.on('error', () => {})
      process.stdout.write('x'.repeat(3_000_000))
      void endProcess(0)`)
    child.stdout.destroy()
    expect(await once(child, 'close')).toEqual([0, null])
  })
})
