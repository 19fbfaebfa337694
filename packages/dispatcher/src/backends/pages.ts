// Reads lists by pages. That something is not in a list counts only when all of the list was seen.

/** One page of a list. */
export interface Page<Item> {
  /** What of it can be read. */
  items: Item[]
  /** How many entries it has, readable or not. */
  length: number
  /** Whether it is the last one; undefined if the server does not say. */
  isLast?: boolean | undefined
  /** How many entries the list has, if the server says. */
  total?: number | undefined
}

export interface PagesOptions<Item> {
  /** @param page from 1 */
  read(page: number): Promise<Page<Item>>
  maxPages: number
  /** What tells items apart: a page can repeat what the one before had. */
  keyOf(item: Item): unknown
  /** Whether all that comes after these items is too old to matter; undefined if they have no times. Default: never. */
  isOldAfter?(items: readonly Item[]): boolean | undefined
}

/**
 * Reads a list up to its end, or up to what is too old.
 *
 * A page that is shorter than requested is no end: servers and proxies have limits of their own. The end is what the
 * server says it is, or else an empty page.
 *
 * @returns `isWhole` if everything up to there was seen and could be read
 */
export async function readPages<Item>(
  options: PagesOptions<Item>,
): Promise<{ items: Item[]; isWhole: boolean }> {
  const { read, maxPages, keyOf, isOldAfter = () => false } = options
  const known = new Map<unknown, Item>()
  let isReadable = true
  let seen = 0
  const result = (isEnd: boolean) => ({ items: [...known.values()], isWhole: isEnd && isReadable })
  for (let number = 1; number <= maxPages; number++) {
    const {
      items,
      length,
      total,
      isLast = total === undefined ? undefined : seen + length >= total,
    } = await read(number)
    const before = known.size
    for (const item of items) known.set(keyOf(item), item)
    seen += length
    isReadable &&= items.length === length
    if (length === 0) return result(isLast !== false)
    if (isLast) return result(true)
    // It shows the same page again, whatever is requested.
    if (known.size === before) return result(false)
    const isOld = isOldAfter(items)
    if (isOld !== false) return result(isOld === true)
  }
  return result(false)
}

/** The last item of a list that has the newest first; undefined if it has not. */
export function oldestOf<Item extends { id: number }>(items: readonly Item[]): Item | undefined {
  const isNewestFirst = items.every(({ id }, at) => at === 0 || id < (items[at - 1]?.id ?? 0))
  return isNewestFirst ? items.at(-1) : undefined
}

/**
 * Whether something was made before a moment.
 *
 * @param created by the server's clock
 * @param ahead by how many milliseconds that is ahead of ours; NaN if the server does not say what time it is
 * @returns undefined if the server does not say when it was made, or what time it is
 */
export function isOlder(
  created: number | undefined,
  ahead: number | undefined,
  since: number,
): boolean | undefined {
  if (created === undefined) return false
  const at = created - (ahead ?? Number.NaN)
  return Number.isNaN(at) ? undefined : at < since
}

/**
 * What a response says of the page after it: `x-next-page` of GitLab, or `Link` (RFC 8288), of which only the relation
 * counts. The address is never used: it can be that of another server.
 *
 * @returns undefined if it says nothing
 */
export function isLastPage(
  headers: Readonly<Record<string, string | number | undefined>> = {},
): boolean | undefined {
  const { 'x-next-page': next, link } = headers
  if (next !== undefined) return String(next).trim() === ''
  return link === undefined ? undefined : !/;\s*rel="?next\b/i.test(String(link))
}
