import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import ncc from '@vercel/ncc'
import { minified } from './minified.ts'

const root = resolve(import.meta.dirname, '..')

export interface BundleOptions {
  /** The built entry. */
  entry: string
  /** Of the bundle, without extension: `main`. What is loaded on demand becomes `<number>.main.cjs` beside it. */
  name: string
  folder: string
  /** Modules that are not bundled, and what is loaded instead. */
  externals?: Readonly<Record<string, string>>
}

/**
 * Bundles a program as CommonJS, which Node starts in half the time that ES modules take. The names end with .cjs, so that
 * no package.json has to say what they are. The same sources give the same bytes.
 *
 * @returns the names of the packages in it, a list for each chunk
 */
export async function bundle(options: BundleOptions): Promise<string[]> {
  const { entry, name, folder, externals = {} } = options
  // ncc names modules by their paths from the working folder.
  process.chdir(root)
  const { code, assets } = await ncc(entry, {
    filename: `${name}.cjs`,
    cache: false,
    quiet: true,
    target: 'es2024',
    esm: false,
    externals,
    license: '[name].licenses',
  })
  // ncc lets the names of chunks end with .js in any case, which would make them ES modules.
  const renamed = (text: string) => text.replaceAll(`.${name}.cjs.js`, `.${name}.cjs`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.cjs`), await finished(renamed(code)))
  const licenses: string[] = []
  for (const [path, { source }] of Object.entries(assets).toSorted()) {
    if (path.endsWith('.licenses')) licenses.push(`${source}`)
    else if (!path.endsWith('.js')) await writeAsset(join(folder, path), source)
    else await writeFile(join(folder, renamed(path)), await finished(renamed(`${source}`)))
  }
  return licenses
}

/** Of packages that read a file beside them. */
async function writeAsset(path: string, source: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, source)
}

/** A name that stands for a pair of parentheses, which minifying would remove. */
const MARK = '__eager__'

/**
 * Minifies, and lets V8 compile the modules while it reads the file: it does so for functions in parentheses, and would
 * read the others twice. Nearly every module of a file is needed when the file is.
 */
async function finished(code: string): Promise<string> {
  const marked = code.replace(
    /^\/\*{3}\/ \((?:function\()?\(?([^()]*)\) (?:=> )?\{$/gm,
    `${MARK}(function ($1) {`,
  )
  return (await minified(marked)).replaceAll(`${MARK}(function`, '(function')
}
