import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PortDispatchError } from '../../src/errors.ts'
import { JqPool, renderTemplate, requireEvaluated } from '../../src/template/index.ts'
import { findJqFiles } from '../../src/template/jq/resources.ts'

const endless = '{{ def f: f; f }}'

/** A program in the place of the one that runs jq. */
function workerOf(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

describe('a pool of jq', () => {
  const pools: JqPool[] = []
  function poolOf(...options: ConstructorParameters<typeof JqPool>): JqPool {
    const pool = new JqPool(...options)
    pools.push(pool)
    return pool
  }
  afterEach(async () => {
    vi.useRealTimers()
    for (const pool of pools.splice(0)) await pool.close()
  })

  it('lets a rendering end while another hangs', async () => {
    const pool = poolOf({ size: 2 })
    const ends: string[] = []
    const hanging = renderTemplate(endless, null, { pool, timeout: 1000 })
    await Promise.all([
      hanging.then(() => ends.push('hanging')),
      renderTemplate('{{ . + 1 }}', 1, { pool }).then(({ value }) => ends.push(`value ${value}`)),
    ])
    expect(ends).toEqual(['value 2', 'hanging'])
  })

  it('of one thread renders one after the other, and none loses time to another', async () => {
    const pool = poolOf({ size: 1 })
    const results = await Promise.all([
      renderTemplate(endless, null, { pool, timeout: 300 }),
      renderTemplate('{{ . + 1 }}', 1, { pool, timeout: 100 }),
      renderTemplate('{{ . + 1 }}', 2, { pool, timeout: 100 }),
    ])
    expect(results.map(({ value }) => value)).toEqual([null, 2, 3])
  })

  it('has the memory that its owner gives it', async () => {
    const pool = poolOf({ memory: { heap: 24 * 1024 * 1024 } })
    const template = '{{ . as $n | "x" * $n | length }}'
    expect((await renderTemplate(template, 5e7)).value).toBe(5e7)
    const { failures } = await renderTemplate(template, 5e7, { pool })
    expect(failures).toMatchObject([
      { reason: 'limit', kind: 'memory', message: expect.stringContaining('24 MB') },
    ])
  })

  it('that is closed refuses', async () => {
    const pool = poolOf()
    expect((await renderTemplate('{{ . + 1 }}', 1, { pool })).value).toBe(2)
    await pool.close()
    const { failures } = await renderTemplate('{{ . + 1 }}', 1, { pool })
    expect(failures).toMatchObject([{ reason: 'limit', kind: 'engine' }])
  })

  it.each([
    ['is missing', pathToFileURL('/nowhere/jq-worker.cjs'), 'Cannot find module'],
    ['ends at once', workerOf('process.exit(3)'), 'ended with code 3'],
    ['throws', workerOf('throw new Error("no memory")'), 'no memory'],
  ])(
    'whose thread %s says that jq did not start, for each expression',
    async (_, worker, cause) => {
      const pool = poolOf({ files: { ...findJqFiles(), worker } })
      const template = { a: '{{ .x }}', b: '{{ .x + 1 }}', c: '{{ halt }}' }
      const { value, failures } = await renderTemplate(template, { x: 1 }, { pool })
      expect(value).toEqual({ a: 1, b: null, c: null })
      expect(failures).toMatchObject(
        ['b', 'c'].map((path) => ({
          path,
          reason: 'limit',
          kind: 'engine',
          message: expect.stringMatching(`jq could not be started: .*${cause}`),
        })),
      )
    },
  )

  it('gives up a thread that never gets to run, after a long time only', async () => {
    const worker = workerOf(`
      import { parentPort } from 'node:worker_threads'
      parentPort.postMessage({ type: 'ready', module: undefined })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    `)
    const pool = poolOf({ files: { ...findJqFiles(), worker } })
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let isDone = false
    const rendering = renderTemplate('{{ . + 1 }}', 1, { pool, timeout: 100 })
    const ended = rendering.finally(() => {
      isDone = true
    })
    await vi.waitUntil(() => vi.getTimerCount() > 0, { timeout: 60_000 })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(isDone).toBe(false)
    while (!isDone) await vi.advanceTimersByTimeAsync(60_000)
    expect((await ended).failures).toMatchObject([{ reason: 'limit', kind: 'time' }])
  })
})

describe('a payload that is incomplete', () => {
  async function refusal(template: string, timeout = 1000): Promise<unknown> {
    const { failures } = await renderTemplate({ inputs: { a: template } }, null, { timeout })
    try {
      requireEvaluated(failures)
    } catch (error) {
      return error
    }
    return undefined
  }

  it('is refused with the path and what to raise', async () => {
    const error = await refusal(endless, 100)
    expect(error).toBeInstanceOf(PortDispatchError)
    expect(error).toMatchObject({
      code: 'LIMIT',
      problems: [{ path: 'inputs.a', found: 'It did not end within the time limit of 100 ms' }],
      advice: ['Raise ', { setting: 'jqTimeout' }, ', or simplify the expression.'],
    })
  })

  it('is refused for want of memory', async () => {
    expect(await refusal('{{ "x" * 1e9 }}')).toMatchObject({
      code: 'LIMIT',
      advice: expect.stringContaining('smaller'),
    })
  })

  it('is not one where jq itself gives an error, which is null in Port too', async () => {
    expect(await refusal('{{ error("x") }}')).toBeUndefined()
    expect(await refusal('{{ nosuch }}')).toBeUndefined()
  })
})
