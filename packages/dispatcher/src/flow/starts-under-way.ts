const underWay = new Map<string, Set<Promise<unknown>>>()

/** Remembers a start until it is answered. */
export async function trackStart<T>(key: string, start: Promise<T>): Promise<T> {
  const starts = underWay.get(key) ?? new Set()
  underWay.set(key, starts.add(start))
  try {
    return await start
  } finally {
    starts.delete(start)
    if (starts.size === 0) underWay.delete(key)
  }
}

/** Resolves when all starts that are under way now have been answered. */
export async function startsUnderWay(key: string): Promise<void> {
  await Promise.allSettled(underWay.get(key) ?? [])
}
