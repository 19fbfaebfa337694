import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { isAbsolute, join, parse } from 'node:path'
import { suggest } from '@port-dispatch/core/text'
import type { Flaw } from './parsed.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file: a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'it is a symbolic link that leads to itself',
  ERR_INVALID_ARG_VALUE: 'a path cannot hold a NUL character',
}

/**
 * Why a file cannot be read, and which one may have been meant.
 *
 * @param code of the error that Node gave
 */
export async function whyUnreadable(path: string, code: string): Promise<Flaw> {
  const found = REASONS[code] ?? code
  if (code === 'EISDIR') {
    const [file] = (await namesIn(path)).filter((name) => /\.(?:json|ya?ml)$/i.test(name))
    return { found, ...(file !== undefined && { advice: `Give a file: ${join(path, file)}` }) }
  }
  if (code !== 'ENOENT') return { found }
  const meant = await pathLike(path)
  if (meant !== undefined) return { found, advice: `Did you mean ${meant}?` }
  return isAbsolute(path)
    ? { found }
    : { found, advice: `The working directory is ${process.cwd()}` }
}

/** A path that exists and differs in one name only: by few letters, or by its extension. */
async function pathLike(path: string): Promise<string | undefined> {
  const names = path.split(/[/\\]/)
  const at = names.findIndex((_, index) => !existsSync(names.slice(0, index + 1).join('/') || '/'))
  const name = names[at]
  if (name === undefined) return undefined
  const folder = names.slice(0, at).join('/')
  const known = await namesIn(folder === '' ? (isAbsolute(path) ? '/' : '.') : folder)
  const meant = nameLike(name, known)
  if (meant === undefined) return undefined
  const whole = [...names.slice(0, at), meant, ...names.slice(at + 1)].join('/')
  return existsSync(whole) ? whole : undefined
}

/** Letters of the extension do not make two names alike. */
function nameLike(name: string, known: readonly string[]): string | undefined {
  const { name: stem, ext } = parse(name)
  const stems = known.flatMap((other) => (parse(other).ext === ext ? [parse(other).name] : []))
  const meant = suggest(stem, stems)
  if (meant !== undefined) return `${meant}${ext}`
  const withStem = known.filter((other) => parse(other).name.toLowerCase() === stem.toLowerCase())
  return withStem.length === 1 ? withStem[0] : undefined
}

async function namesIn(folder: string): Promise<string[]> {
  // A folder that cannot be listed has nothing to suggest.
  return await readdir(folder).then(
    (names) => names.sort(),
    () => [],
  )
}
