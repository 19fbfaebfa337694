import { readFile } from 'node:fs/promises'

/** Reads the JSON that started the CI run; undefined if there is none. */
export async function readEvent(path: string | undefined): Promise<unknown> {
  if (!path) return undefined
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
