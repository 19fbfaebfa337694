import { createHash } from 'node:crypto'

/** 40 hexadecimal digits that follow from the parts alone, for commit ids and entity tags. */
export function hash(...parts: readonly unknown[]): string {
  return createHash('sha1').update(parts.map(String).join('\0')).digest('hex')
}
