import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { parseAction, parseTriggerData } from '@port-dispatch/core/action'
import { Dispatcher, dispatching } from '@port-dispatch/dispatcher'
import { connectionsFromEnvironment } from '@port-dispatch/dispatcher/host'
import { defaultDefinition, startSandbox } from '@port-dispatch/sandbox'
import { afterEach, describe, expect, it } from 'vitest'
import { LiveLine } from '../../packages/cli/src/live-line.ts'
import { formatElapsed, ProgressLine } from '../../packages/cli/src/progress-line.ts'

const example = (name: string, file: string) =>
  JSON.parse(readFileSync(`examples/${name}/${file}.json`, 'utf8'))

describe('the line that shows what is waited for', () => {
  it.each([
    ['GitHub', 'deploy-service', /^acme\/services\/deploy\.yml · [\w ]+ · \d+s · \S.* › \S/],
    ['GitLab', 'provision-database', /^\S+ · \S.* · \d+s · \S/],
  ])('says for how long, and the job of %s that runs', async (_, name, expected) => {
    // Slow, so that the run is still at a job when it is looked at.
    const sandbox = await startSandbox({ definition: defaultDefinition, speed: 3 })
    try {
      let text: (() => string) | undefined
      const seen: string[] = []
      const line = new ProgressLine(
        { isLive: true, showProgress: (shown) => (text = shown) },
        { first: 10, next: 20 },
      )
      const steps = dispatching({
        dispatcher: new Dispatcher(connectionsFromEnvironment(sandbox.environment)),
        action: parseAction(example(name, 'action')),
        triggerData: parseTriggerData(example(name, 'context')),
        wait: { timeout: 100_000, onCancel: 'leave' },
      })
      const looking = setInterval(() => seen.push(text?.() ?? ''), 10)
      for (;;) {
        const step = await steps.next()
        if (step.done) break
        line.follow(step.value)
      }
      clearInterval(looking)
      expect([...new Set(seen)].filter((shown) => expected.test(shown))).not.toEqual([])
      expect(text).toBeUndefined()
    } finally {
      await sandbox.close()
    }
  })

  it('is not there, and costs no request, where no line can be changed', () => {
    const line = new ProgressLine({ isLive: false, showProgress: () => expect.unreachable() })
    const run = { id: '1' }
    const plan = { runs: { currentJob: () => expect.unreachable() } }
    line.follow({ type: 'started', plan, started: { type: 'run', run } } as never)
    line.end()
  })

  it.each([
    [900, '0s'],
    [61_000, '1m 1s'],
    [3_600_000 * 2 + 5 * 60_000, '2h 5m'],
  ])('says %i ms as %s', (elapsed, said) => {
    expect(formatElapsed(elapsed)).toBe(said)
  })
})

describe('the last line of a terminal', () => {
  const { TERM } = process.env
  afterEach(() => {
    process.env.TERM = TERM
  })

  function terminal() {
    process.env.TERM = 'xterm'
    let written = ''
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 20 })
    stream.on('data', (chunk) => {
      written += chunk
    })
    const line = new LiveLine(stream as unknown as WriteStream)
    // What a terminal shows: each line as it was written last.
    const shown = () => written.split('\n').map((each) => each.split('\r\u001b[2K').at(-1))
    return { line, shown }
  }

  it('shows progress behind what is waited for, and stays below whole lines', () => {
    const { line, shown } = terminal()
    line.showBehind(() => 'progress')
    line.write('first\n')
    expect(shown()).toEqual(['first', 'progress'])
    line.show(() => 'waiting')
    expect(shown()).toEqual(['first', 'waiting'])
    line.hide()
    line.write('second\n')
    expect(shown()).toEqual(['first', 'second', 'progress'])
    line.showBehind(undefined)
    line.write('third\n')
    expect(shown()).toEqual(['first', 'second', 'third', ''])
  })

  it('is as long as the terminal is wide', () => {
    const { line, shown } = terminal()
    line.show(() => 'x'.repeat(50))
    expect(shown()[0]).toHaveLength(19)
    line.hide()
  })
})
