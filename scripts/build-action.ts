// Bundles the GitHub Action into dist/, which action.yml names and which is committed. The same sources give the same
// bytes; scripts/check-dist.ts tells if they do not match.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ncc from '@vercel/ncc'
import { bundleJqWorker } from './bundle-jq-worker.ts'
import { collectLicenses } from './collect-licenses.ts'
import { minified } from './minified.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const sources = join(root, 'packages/github-action/lib')

/**
 * @actions/core brings an HTTP client, with undici, for OpenID Connect tokens, and @actions/exec to describe the
 * platform. Nothing here uses either, and to load them takes twice as long as all the rest: a module that Node has
 * loaded anyway stands in.
 */
const UNUSED_BY_CORE = {
  '@actions/http-client': 'node:path',
  '@actions/http-client/lib/auth': 'node:path',
  '@actions/exec': 'node:path',
}

/** DISPATCH and RENDER are a bundle of their own, because octokit needs the HTTP client. */
const BUNDLES = [
  { name: 'main', externals: UNUSED_BY_CORE },
  { name: 'post', externals: UNUSED_BY_CORE },
  { name: 'invocation', externals: {} },
]

/** Writes the bundles into a folder, of which nothing else remains. The packages must have been built before. */
export async function buildAction(folder: string): Promise<void> {
  // ncc names modules by their paths from the working folder.
  process.chdir(root)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const licenses: string[] = []
  for (const { name, externals } of BUNDLES) {
    const { code, assets } = await ncc(join(sources, `${name}.js`), {
      filename: `${name}.js`,
      cache: false,
      quiet: true,
      target: 'es2024',
      esm: false,
      externals,
      license: '[name].licenses',
    })
    await writeFile(join(folder, `${name}.js`), await minified(code))
    for (const [path, { source }] of Object.entries(assets).toSorted()) {
      if (path.endsWith('.licenses')) licenses.push(String(source))
      else if (path.endsWith('.js'))
        await writeFile(join(folder, path), await minified(`${source}`))
      else await writeFile(join(folder, path), source)
    }
  }
  licenses.push(await bundleJqWorker(folder))
  await writeFile(join(folder, 'licenses.txt'), await collectLicenses(licenses))
}

if (import.meta.main) await buildAction(join(root, 'dist'))
