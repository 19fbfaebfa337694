import type { CiRun } from './backend.ts'

const claimed = new Set<string>()

/**
 * Claims a run for one dispatch of this process.
 *
 * @returns false if another dispatch has claimed it
 */
export function claimRun({ url }: CiRun): boolean {
  if (claimed.has(url)) return false
  claimed.add(url)
  return true
}
