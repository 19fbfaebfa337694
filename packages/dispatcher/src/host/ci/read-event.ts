import { readFileSync } from 'node:fs'

/** Reads the JSON that started the CI run; undefined if there is none. */
export async function readEvent(path: string | undefined): Promise<unknown> {
  return readEventNow(path)
}

/** As {@link readEvent}, for those who cannot wait. */
export function readEventNow(path: string | undefined): unknown {
  if (!path) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
