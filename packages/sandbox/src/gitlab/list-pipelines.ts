import type { PipelineState } from './pipeline-state.ts'
import type { Pipeline } from './pipeline-store.ts'
import { refuseParameters } from './refuse.ts'

export interface ListedPipeline {
  pipeline: Pipeline
  state: PipelineState
}

/** The filters and sort orders of GitLab's pipeline list. Default: newest first. */
export function selectPipelines(
  pipelines: readonly ListedPipeline[],
  query: URLSearchParams,
): ListedPipeline[] {
  const is = (name: string, value: string) => (query.get(name) ?? value) === value
  const time = (name: string) => {
    const text = query.get(name)
    if (text === null) return undefined
    const at = Date.parse(text)
    return Number.isNaN(at) ? refuseParameters(`${name} is invalid`) : at
  }
  const [createdAfter, createdBefore] = [time('created_after'), time('created_before')]
  const [updatedAfter, updatedBefore] = [time('updated_after'), time('updated_before')]
  const found = pipelines.filter(
    ({ pipeline, state }) =>
      is('ref', pipeline.ref) &&
      is('sha', pipeline.sha) &&
      is('source', pipeline.source) &&
      is('username', 'sandbox') &&
      is('status', state.status) &&
      pipeline.createdAt >= (createdAfter ?? 0) &&
      pipeline.createdAt <= (createdBefore ?? Number.POSITIVE_INFINITY) &&
      state.updatedAt >= (updatedAfter ?? 0) &&
      state.updatedAt <= (updatedBefore ?? Number.POSITIVE_INFINITY),
  )
  const orderBy = query.get('order_by') ?? 'id'
  const key = orders[orderBy]
  if (!key) return refuseParameters('order_by does not have a valid value')
  const sign = query.get('sort') === 'asc' ? 1 : -1
  return found.toSorted((one, other) => sign * compare(key(one), key(other)))
}

const orders: Readonly<Record<string, (listed: ListedPipeline) => string | number>> = {
  id: ({ pipeline }) => pipeline.id,
  status: ({ state }) => state.status,
  ref: ({ pipeline }) => pipeline.ref,
  updated_at: ({ state }) => state.updatedAt,
  user_id: () => 1,
}

function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** A page of a list, with GitLab's `x-total` and `link` headers. */
export function paginate<Item>(
  all: readonly Item[],
  url: URL,
  origin: string,
): { items: Item[]; headers: Record<string, string> } {
  const size = Math.min(Number(url.searchParams.get('per_page') ?? 20) || 20, 100)
  const page = Math.max(Number(url.searchParams.get('page') ?? 1) || 1, 1)
  const last = Math.max(Math.ceil(all.length / size), 1)
  const link = (relation: string, number: number) => {
    const target = new URL(url.pathname + url.search, origin)
    target.searchParams.set('page', String(number))
    target.searchParams.set('per_page', String(size))
    return `<${target.href}>; rel="${relation}"`
  }
  const links = [
    ...(page > 1 ? [link('prev', page - 1)] : []),
    ...(page < last ? [link('next', page + 1)] : []),
    link('first', 1),
    link('last', last),
  ]
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: {
      link: links.join(', '),
      'x-next-page': page < last ? String(page + 1) : '',
      'x-page': String(page),
      'x-per-page': String(size),
      'x-prev-page': page > 1 ? String(page - 1) : '',
      'x-total': String(all.length),
      'x-total-pages': String(last),
    },
  }
}
