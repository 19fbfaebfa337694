import { createHash } from 'node:crypto'

/** A hash of the parts in 40 hexadecimal digits, for commit IDs and entity tags. */
export function hash(...parts: readonly unknown[]): string {
  return createHash('sha1').update(parts.map(String).join('\0')).digest('hex')
}
