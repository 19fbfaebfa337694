import type { RunState } from './run-state.ts'
import type { WorkflowRun } from './run-store.ts'

export interface ListedRun {
  run: WorkflowRun
  state: RunState
}

/** The filters of GitHub's run lists: `event`, `branch`, `status`, `created`, `head_sha`, `actor`. */
export function filterRuns(runs: readonly ListedRun[], query: URLSearchParams): ListedRun[] {
  const is = (name: string, ...values: (string | null)[]) => {
    const wanted = query.get(name)
    return wanted === null || values.includes(wanted)
  }
  return runs.filter(
    ({ run, state }) =>
      is('event', 'workflow_dispatch') &&
      is('branch', run.ref) &&
      is('head_sha', run.sha) &&
      is('actor', 'sandbox') &&
      is('status', state.status, state.conclusion) &&
      inRange(run.createdAt, query.get('created')),
  )
}

/**
 * GitHub's search syntax for dates: `>=T`, `>T`, `<=T`, `<T`, `T..T`, `*..T`, `T..*`, or a day.
 * It compares the times as shown, in whole seconds.
 */
function inRange(createdAt: number, range: string | null): boolean {
  if (range === null) return true
  const at = Math.floor(createdAt / 1000) * 1000
  const [from, to] = range.split('..')
  if (to !== undefined)
    return (from === '*' || at >= Date.parse(from ?? '')) && (to === '*' || at <= Date.parse(to))
  const [, sign, time = ''] = /^(>=|<=|>|<)?(.*)$/.exec(range) ?? []
  const limit = Date.parse(time)
  if (sign === '>=') return at >= limit
  if (sign === '>') return at > limit
  if (sign === '<=') return at <= limit
  if (sign === '<') return at < limit
  return new Date(at).toISOString().startsWith(time.replace(/Z$/, ''))
}

export interface Page<Item> {
  items: Item[]
  /** The `Link` header. Empty if there is only one page. */
  headers: Record<string, string>
}

export function paginate<Item>(all: readonly Item[], url: URL, origin: string): Page<Item> {
  const size = Math.min(Number(url.searchParams.get('per_page') ?? 30) || 30, 100)
  const page = Math.max(Number(url.searchParams.get('page') ?? 1) || 1, 1)
  const last = Math.max(Math.ceil(all.length / size), 1)
  const link = (relation: string, number: number) => {
    const target = new URL(url.pathname + url.search, origin)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${relation}"`
  }
  const links = [
    ...(page > 1 ? [link('prev', page - 1), link('first', 1)] : []),
    ...(page < last ? [link('next', page + 1), link('last', last)] : []),
  ]
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  }
}
