import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import ncc from '@vercel/ncc'

const root = resolve(import.meta.dirname, '..')

/**
 * Writes the thread that runs jq beside a bundle, as `jq-worker.cjs` and `jq.wasm`, where
 * packages/core/src/template/jq/resources.ts looks for them. The package core must have been built before.
 *
 * @param lib the built package core, if it is not in its place
 * @returns the list of packages whose licences apply, as ncc writes it
 */
export async function bundleJqWorker(
  folder: string,
  lib: string = join(root, 'packages/core/lib'),
): Promise<string> {
  const { code, assets } = await ncc(join(lib, 'template/jq/worker.js'), {
    filename: 'jq-worker.cjs',
    cache: false,
    quiet: true,
    target: 'es2024',
    externals: {},
    // Whatever the type of the package around it is.
    esm: false,
    license: '[name].licenses',
  })
  // Not minified: the engine knows jq-wasm's functions by their names.
  await writeFile(join(folder, 'jq-worker.cjs'), code)
  let licenses = ''
  for (const [path, { source }] of Object.entries(assets)) {
    if (path.endsWith('.licenses')) licenses += `${source}\n`
    else await writeFile(join(folder, path), source)
  }
  return licenses
}
