import { execFile } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')

export interface Packed {
  tarball: string
  /** Of the tarball and of what is installed, in bytes. */
  size: number
  unpackedSize: number
}

/** Packs the command as it would be published. */
export function packCommand(folder: string): Promise<Packed> {
  return pack(join(root, 'packages/cli'), folder)
}

/** Packs the bare script as a package, to see what npx itself takes. */
export async function packBare(folder: string): Promise<Packed> {
  const source = join(folder, 'bare')
  await mkdir(source)
  await copyFile(join(import.meta.dirname, 'bare.mjs'), join(source, 'bare.mjs'))
  const description = { name: 'bare', version: '1.0.0', bin: { bare: 'bare.mjs' } }
  await writeFile(join(source, 'package.json'), JSON.stringify(description))
  return await pack(source, folder)
}

async function pack(source: string, folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: source,
  })
  const [packed] = JSON.parse(stdout) as { filename: string; size: number; unpackedSize: number }[]
  if (!packed) throw new Error(`npm packed nothing in ${source}`)
  return { ...packed, tarball: join(folder, packed.filename) }
}
