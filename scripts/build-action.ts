// Bundles the GitHub Action into dist/, which action.yml names and which is committed. The same sources give the same
// bytes; scripts/check-dist.ts tells if they do not match.
import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { bundle } from './bundle.ts'
import { bundleJqWorker } from './bundle-jq-worker.ts'
import { collectLicenses } from './collect-licenses.ts'

const root = resolve(import.meta.dirname, '..')
const sources = join(root, 'packages/github-action/lib')

/**
 * @actions/core brings an HTTP client, with undici, for OpenID Connect tokens, and @actions/exec to describe the
 * platform. Nothing here uses either, and to load them takes twice as long as all the rest: a module that Node has
 * loaded anyway stands in.
 */
const EXTERNALS = {
  '@actions/http-client': 'node:path',
  '@actions/http-client/lib/auth': 'node:path',
  '@actions/exec': 'node:path',
  crypto: './crypto.cjs',
}

/** Writes the bundles into a folder, of which nothing else remains. The packages must have been built before. */
export async function buildAction(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const licenses: string[] = []
  for (const name of ['main', 'post']) {
    const entry = join(sources, `${name}.js`)
    licenses.push(...(await bundle({ entry, name, folder, externals: EXTERNALS })))
  }
  await copyFile(join(import.meta.dirname, 'action-crypto.cjs'), join(folder, 'crypto.cjs'))
  licenses.push(await bundleJqWorker(folder))
  await writeFile(join(folder, 'licenses.txt'), await collectLicenses(licenses))
}

if (import.meta.main) await buildAction(join(root, 'dist'))
