import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface PackedCommand {
  /** The tarball that `npm publish` would send. */
  tarball: string
  /** In bytes, once installed. */
  unpackedSize: number
  /** Where npm may keep what it fetched. */
  cache: string
}

let packed: Promise<PackedCommand> | undefined
let folder: string | undefined

afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** Packs the command, once for all tests of a file. It must have been built. */
export function packCommand(): Promise<PackedCommand> {
  packed ??= pack()
  return packed
}

async function pack(): Promise<PackedCommand> {
  if (!existsSync(join(root, 'packages/cli/dist/main.cjs'))) throw new Error('First: npm run build')
  folder = await mkdtemp(join(tmpdir(), 'port-dispatch-pack-'))
  const args = ['pack', '--json', '-w', 'packages/cli', '--pack-destination', folder]
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root })
  const [{ filename, unpackedSize }] = JSON.parse(stdout)
  return { tarball: join(folder, filename), unpackedSize, cache: join(folder, 'npm') }
}
