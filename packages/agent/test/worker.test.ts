import { getEventListeners } from 'node:events'
import { systemClock } from '@port-dispatch/core'
import { TemplateError } from '@port-dispatch/core/template'
import { describe, expect, it } from 'vitest'
import { silentObserver } from '../src/observer.ts'
import type { Settlement, Work } from '../src/work.ts'
import type { Prepared } from '../src/worker/execution.ts'
import type { Bounds } from '../src/worker/one-run.ts'
import { type Executing, Worker, type WorkerOptions } from '../src/worker/worker.ts'

const DONE: Settlement = { type: 'done', result: 'success' }

/** Executes what it is given when the test says so. */
class Hand implements Executing {
  readonly running: { id: string; bounds: Bounds; settle: (settlement?: Settlement) => void }[] = []
  readonly begun: string[] = []
  readonly #targetOf: (work: Work) => string | undefined

  constructor(targetOf: (work: Work) => string | undefined = () => undefined) {
    this.#targetOf = targetOf
  }

  async prepare(work: Work): Promise<Prepared> {
    const target = this.#targetOf(work)
    return { work, routed: { type: 'refused', message: '' }, ...(target && { target }) }
  }

  async run({ work }: Prepared, bounds: Bounds): Promise<Settlement> {
    this.begun.push(work.runId)
    return await new Promise((resolve) => {
      const entry = {
        id: work.runId,
        bounds,
        settle: (settlement = DONE) => {
          this.running.splice(this.running.indexOf(entry), 1)
          resolve(settlement)
        },
      }
      this.running.push(entry)
      bounds.letGo.addEventListener('abort', () => entry.settle({ type: 'handed-over' }))
    })
  }

  async refuse(): Promise<void> {}
}

function work(runId: string, more: Partial<Work> = {}): Work {
  return {
    runId,
    source: 'claim',
    invocationMethod: {},
    message: {},
    context: {},
    mayHaveBegun: 'no',
    receivedAt: 0,
    ...more,
  }
}

function start(executor: Executing, options: Partial<WorkerOptions> = {}): Worker {
  return new Worker({
    executor,
    concurrency: 2,
    clock: systemClock,
    observer: silentObserver,
    onUnexpected: () => {},
    ...options,
  })
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('the worker', () => {
  it('begins no more runs at once than it may, and the next in their order', async () => {
    const hand = new Hand()
    const worker = start(hand)
    const all = ['a', 'b', 'c', 'd'].map((id) => worker.execute(work(id)))
    await turn()
    expect(hand.begun).toEqual(['a', 'b'])
    hand.running[1]?.settle()
    await turn()
    expect(hand.begun).toEqual(['a', 'b', 'c'])
    // A run that is only followed leaves its place to another.
    await hand.running[0]?.bounds.onStarted()
    await turn()
    expect(hand.begun).toEqual(['a', 'b', 'c', 'd'])
    for (const { settle } of [...hand.running]) settle()
    expect(await Promise.all(all)).toEqual([DONE, DONE, DONE, DONE])
  })

  it('says when there is room', async () => {
    const hand = new Hand()
    const worker = start(hand)
    const { signal } = new AbortController()
    expect(await worker.room(signal)).toBe(2)
    void worker.execute(work('a'))
    void worker.execute(work('b'))
    await turn()
    let free: number | undefined
    const waiting = worker.room(signal).then((room) => {
      free = room
    })
    await turn()
    expect(free).toBeUndefined()
    hand.running[0]?.settle()
    await waiting
    expect(free).toBe(1)
    const stopped = new AbortController()
    void worker.execute(work('c'))
    const never = worker.room(stopped.signal)
    stopped.abort()
    expect(await never).toBe(0)
  })

  it('bounds what goes to one target', async () => {
    const hand = new Hand(({ runId }) => runId[0])
    const worker = start(hand, { concurrency: 10, perTarget: 1 })
    for (const id of ['x1', 'x2', 'y1']) void worker.execute(work(id))
    await turn()
    expect(hand.begun).toEqual(['x1', 'y1'])
    hand.running[0]?.settle()
    await turn()
    expect(hand.begun).toEqual(['x1', 'y1', 'x2'])
  })

  it('keeps the order of runs with one key, until each has ended', async () => {
    const hand = new Hand()
    const worker = start(hand, {
      concurrency: 10,
      orderBy: async ({ runId }) => (runId === 'free' ? undefined : 'key'),
    })
    for (const id of ['a', 'b', 'free', 'c']) void worker.execute(work(id))
    await turn()
    expect(hand.begun.toSorted()).toEqual(['a', 'free'])
    await hand.running.find(({ id }) => id === 'a')?.bounds.onStarted()
    await turn()
    expect(hand.begun).not.toContain('b')
    hand.running.find(({ id }) => id === 'a')?.settle()
    await turn()
    expect(hand.begun).toContain('b')
    expect(hand.begun).not.toContain('c')
  })

  it('executes a run once that comes twice, and tells both sources', async () => {
    const hand = new Hand()
    const worker = start(hand)
    const acknowledged: string[] = []
    const from = (name: string) => ({
      onStarted: async () => void acknowledged.push(name),
    })
    const first = worker.execute(work('a', from('claim')))
    const second = worker.execute(work('a', { source: 'kafka', ...from('kafka') }))
    await turn()
    expect(hand.begun).toEqual(['a'])
    await hand.running[0]?.bounds.onStarted()
    const failed: Settlement = { type: 'done', result: 'failure' }
    hand.running[0]?.settle(failed)
    expect([await first, await second]).toEqual([failed, failed])
    expect(await worker.execute(work('a', from('late')))).toEqual(failed)
    expect(acknowledged).toEqual(['claim', 'kafka', 'late'])
    expect(hand.begun).toEqual(['a'])
  })

  it('executes a run again that was handed over', async () => {
    const hand = new Hand()
    const worker = start(hand)
    const lost = new AbortController()
    const first = worker.execute(work('a'), lost.signal)
    await turn()
    lost.abort(new Error('The partition is lost.'))
    expect(await first).toEqual({ type: 'handed-over' })
    void worker.execute(work('a'))
    await turn()
    expect(hand.begun).toEqual(['a', 'a'])
  })

  it('goes on with a run that only one of two sources lets go of', async () => {
    const hand = new Hand()
    const worker = start(hand)
    const lost = new AbortController()
    const first = worker.execute(work('a'), lost.signal)
    const second = worker.execute(work('a', { source: 'kafka' }))
    await turn()
    lost.abort(new Error('The partition is lost.'))
    expect(await first).toEqual({ type: 'handed-over' })
    expect(hand.running).toHaveLength(1)
    hand.running[0]?.settle()
    expect(await second).toEqual(DONE)
  })

  it('lets go of all when it is drained, and begins nothing more', async () => {
    const hand = new Hand()
    const worker = start(hand)
    const all = ['a', 'b', 'c'].map((id) => worker.execute(work(id)))
    await turn()
    await worker.drain(1_000)
    expect(await Promise.all(all)).toEqual(Array(3).fill({ type: 'handed-over' }))
    expect(hand.begun).toEqual(['a', 'b'])
    expect(await worker.execute(work('d'))).toEqual({ type: 'handed-over' })
  })

  it('hands over a run whose execution breaks, and goes on', async () => {
    const broken: unknown[] = []
    const executor: Executing = {
      prepare: async () => {
        throw new TypeError('broken')
      },
      run: async () => DONE,
      refuse: async () => {},
    }
    const worker = start(executor, { onUnexpected: (error) => broken.push(error) })
    expect(await worker.execute(work('a'))).toEqual({ type: 'handed-over' })
    expect(broken).toMatchObject([{ message: 'broken' }])
    expect(worker.inFlight).toEqual({ starting: 0, followed: 0 })
  })

  it('refuses a run whose key cannot be computed, and holds up nothing', async () => {
    const refused: string[] = []
    const executor: Executing = {
      prepare: async () => {
        throw new Error('not prepared')
      },
      run: async ({ routed }) => {
        if (routed.type === 'refused') refused.push(routed.message)
        return { type: 'done', result: 'refused' }
      },
      refuse: async () => {},
    }
    const orderBy = async () => {
      throw new TemplateError([{ path: '', message: 'The expression took too long' }])
    }
    const worker = start(executor, { orderBy })
    expect(await worker.execute(work('a'))).toEqual({ type: 'done', result: 'refused' })
    expect(refused).toEqual(['The expression took too long'])
  })

  it('leaves nothing on the signal of a source that waits for room again and again', async () => {
    const hand = new Hand()
    const worker = start(hand, { concurrency: 1 })
    const { signal } = new AbortController()
    for (let count = 0; count < 20; count++) {
      const run = worker.execute(work(`r${count}`))
      await turn()
      const room = worker.room(signal)
      hand.running[0]?.settle()
      await run
      expect(await room).toBe(1)
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it.each<[string, Partial<WorkerOptions>]>([
    ['that its target is slow', { perTarget: 1 }],
    ['for its turn', { orderBy: async ({ runId }) => runId[0] }],
  ])(
    'leaves the room of a run to others while it waits %s, up to ten times as many',
    async (_, options) => {
      const hand = new Hand(({ runId }) => runId[0])
      const worker = start(hand, { concurrency: 2, ...options })
      const { signal } = new AbortController()
      worker.execute(work('slow 1'))
      for (let count = 2; count <= 10; count++) worker.execute(work(`slow ${count}`))
      await turn()
      expect(await worker.room(signal)).toBe(1)
      worker.execute(work('fast 1'))
      await turn()
      expect(hand.begun).toEqual(['slow 1', 'fast 1'])

      for (let count = 11; count <= 30; count++) worker.execute(work(`slow ${count}`))
      let room: number | undefined
      void worker.room(signal).then((free) => {
        room = free
      })
      await turn()
      expect(room).toBeUndefined()
    },
  )
})
