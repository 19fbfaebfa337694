import { describe, expect, it } from 'vitest'
import { InstantClock } from '../../../test/support/instant-clock.ts'
import { BackendError } from '../src/backends/backend-error.ts'
import { RepositoryWatch } from '../src/backends/github/repository-watch.ts'

/** A repository with runs 1 to `count`, of which a page holds 100, newest first. */
function repository(count: number) {
  const requests: string[] = []
  const watch = new RepositoryWatch({
    clock: new InstantClock(),
    get: async (id) => {
      requests.push(`run ${id}`)
      if (id > count) throw new Error(`no run ${id}`)
      return { id }
    },
    list: async (page) => {
      requests.push(`page ${page}`)
      const newest = count - (page - 1) * 100
      return Array.from({ length: Math.max(0, Math.min(100, newest)) }, (_, i) => ({
        id: newest - i,
      }))
    },
  })
  return { watch, requests }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

describe('watching the runs of a repository', () => {
  it('reads a single run by itself', async () => {
    const { watch, requests } = repository(500)
    expect(await watch.read(7)).toEqual({ id: 7 })
    expect(await watch.read(7)).toEqual({ id: 7 })
    expect(requests).toEqual(['run 7', 'run 7'])
  })

  it('reads many runs by pages of 100', async () => {
    const { watch, requests } = repository(250)
    const runs = await Promise.all(range(250).map((id) => watch.read(id)))
    expect(runs.map(({ id }) => id)).toEqual(range(250))
    expect(requests).toEqual(['run 1', 'page 1', 'page 2', 'page 3'])
  })

  it('reads no further than the oldest run that is followed', async () => {
    const { watch, requests } = repository(1_000)
    await Promise.all([watch.read(990), watch.read(920), watch.read(950)])
    expect(requests).toEqual(['run 990', 'page 1'])
  })

  it('reads two old runs one by one, for they would cost many pages', async () => {
    const { watch, requests } = repository(6_000)
    for (let round = 0; round < 10; round++) await Promise.all([watch.read(1), watch.read(2)])
    expect(requests.filter((request) => request.startsWith('page'))).toHaveLength(1)
    expect(requests).toHaveLength(21)
  })

  it('reads new runs from the list while old ones are read one by one', async () => {
    const { watch, requests } = repository(3_000)
    await watch.read(1)
    requests.length = 0
    await Promise.all([watch.read(2_999), watch.read(1), watch.read(2_998)])
    expect(requests.filter((request) => request.startsWith('page'))).toEqual(['page 1'])
    requests.length = 0
    await Promise.all([watch.read(2_999), watch.read(1), watch.read(2_998)])
    expect(requests.toSorted()).toEqual(['page 1', 'run 1'])
  })

  it('refuses only the run that cannot be read', async () => {
    const { watch } = repository(10)
    const [first, second, third] = await Promise.allSettled([1, 99, 3].map((id) => watch.read(id)))
    expect([first?.status, second?.status, third?.status]).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
  })

  it('goes back to single reads when the others have ended', async () => {
    const { watch, requests } = repository(10)
    await Promise.all([watch.read(1), watch.read(2)])
    watch.forget(2)
    requests.length = 0
    await watch.read(1)
    expect(requests).toEqual(['run 1'])
  })

  it('reads each run for itself where the server refuses the list', async () => {
    const requests: string[] = []
    const clock = new InstantClock()
    const watch = new RepositoryWatch({
      clock,
      get: async (id) => {
        requests.push(`run ${id}`)
        return { id }
      },
      list: async () => {
        requests.push('page')
        throw new BackendError('no lists here', { status: 404 })
      },
    })
    for (let round = 0; round < 2; round++) {
      const runs = await Promise.all(range(5).map((id) => watch.read(id)))
      expect(runs.map(({ id }) => id)).toEqual(range(5))
    }
    expect(requests.filter((request) => request === 'page')).toHaveLength(1)
    clock.advance(600_000)
    await Promise.all(range(5).map((id) => watch.read(id)))
    expect(requests.filter((request) => request === 'page')).toHaveLength(2)
  })
})
