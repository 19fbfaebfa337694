/**
 * The name that somebody may have meant: one that differs in case and separators only, or by few letters.
 *
 * @returns undefined if none is near, or if two are equally near
 */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  const plain = normalize(name)
  let best: { candidate: string; distance: number } | undefined
  let isAmbiguous = false
  for (const candidate of known) {
    if (candidate === name) return undefined
    const distance = plain === normalize(candidate) ? 0 : editDistance(name, candidate)
    const shorter = Math.min(name.length, candidate.length)
    // Short names that share no letter are not near.
    if (distance > Math.max(1, Math.floor(shorter / 3)) || distance >= shorter) continue
    if (best === undefined || distance < best.distance) {
      best = { candidate, distance }
      isAmbiguous = false
    } else if (distance === best.distance) isAmbiguous = true
  }
  return isAmbiguous ? undefined : best?.candidate
}

function normalize(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-\s]/g, '')
}

/** How many letters must be added, removed, replaced or swapped with their neighbor. */
function editDistance(from: string, to: string): number {
  const a = from.slice(0, 100)
  const b = to.slice(0, 100)
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (isSame ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(beforeLast, j - 2) + 1)
      }
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
