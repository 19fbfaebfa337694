import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { startSandbox } from '@port-dispatch/sandbox'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

interface Manifest {
  name: string
  private?: boolean
  license: string
  bin?: Record<string, string>
  exports?: Record<string, Record<string, string>>
}

interface Packed {
  size: number
  files: { path: string }[]
}

const published = readdirSync(join(root, 'packages'))
  .map((folder) => ({
    folder,
    manifest: JSON.parse(read(`packages/${folder}/package.json`)) as Manifest,
  }))
  .filter(({ manifest }) => !manifest.private)

describe.each(published)('the package $folder', ({ folder, manifest }) => {
  it('holds what is documented, and neither tests nor sources', async () => {
    const { size, files } = await pack(folder)
    const paths = files.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
    for (const path of paths) {
      expect(path).toMatch(
        /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|(bin|dist|lib)\/[\w./-]+\.([cm]?js|d\.ts|wasm|txt|json)|dist\/templates\/completion\.\w+|schemas\/\w+\.schema\.json)$/,
      )
      expect(path).not.toMatch(/(^|[/.])(test|spec|fixtures?)([/.]|$)/)
    }
    for (const path of entriesOf(manifest)) expect(paths).toContain(path)
    if (folder === 'cli') {
      const schemas = paths.filter((path) => path.startsWith('schemas/'))
      expect(schemas).toEqual(
        ['action', 'config', 'sandbox'].map((name) => `schemas/${name}.schema.json`),
      )
    }
    // The command is fetched by npx in each pipeline.
    expect(size).toBeLessThan(1_200_000)
  })

  it('carries the license of the repository', async () => {
    expect(manifest.license).toBe('MIT')
    expect(read(`packages/${folder}/LICENSE`)).toBe(read('LICENSE'))
  })

  it('shows a program that runs, if any', async () => {
    const [, program] = /^```js\n(.*?)^```$/ms.exec(read(`packages/${folder}/README.md`)) ?? []
    if (program === undefined) return
    const sandbox = await startSandbox({ speed: 600 })
    try {
      const { stderr, stdout } = await run(
        process.execPath,
        ['--conditions=port-dispatch-source', '--input-type=module', '--eval', program],
        { cwd: root, env: { PATH: process.env.PATH, ...sandbox.environment } },
      )
      expect(stdout).not.toBe('')
      expect(stderr).toBe('')
    } finally {
      await sandbox.close()
    }
  })
})

async function pack(folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: join(root, 'packages', folder),
  })
  // npm 11 prints an array, npm 12 an object by name.
  const [packed] = Object.values(JSON.parse(stdout) as Packed[] | Record<string, Packed>)
  if (!packed) throw new Error(`npm packs nothing of ${folder}`)
  return packed
}

function entriesOf({ bin = {}, exports = {} }: Manifest): string[] {
  const targets = Object.values(exports).flatMap(({ types, default: code }) => [types, code])
  return [...Object.values(bin), ...targets]
    .filter((path) => path !== undefined)
    .map((path) => path.replace(/^\.\//, ''))
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
