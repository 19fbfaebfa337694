// Bundles the command into packages/cli/dist, so that `npx` installs one package and resolves no others. What a
// subcommand loads on demand stays a file of its own. The same sources give the same bytes.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import ncc from '@vercel/ncc'
import { bundleJqWorker } from './bundle-jq-worker.ts'
import { collectLicenses } from './collect-licenses.ts'
import { minified } from './minified.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, 'packages/cli/dist')

const { code, assets } = await ncc(join(root, 'packages/cli/lib/main.js'), {
  filename: 'main.js',
  cache: false,
  quiet: true,
  target: 'es2024',
  externals: {},
  license: '[name].licenses',
})
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'main.js'), await minified(code))
const licenses: string[] = []
for (const [path, { source }] of Object.entries(assets)) {
  // The command finds its version in the nearest package.json, which is to be that of packages/cli.
  if (path === 'package.json') continue
  if (path.endsWith('.licenses')) licenses.push(`${source}`)
  else if (path.endsWith('.js')) await writeFile(join(folder, path), await minified(`${source}`))
  else await writeFile(join(folder, path), source)
}
licenses.push(await bundleJqWorker(folder))
await writeFile(join(folder, 'licenses.txt'), await collectLicenses(licenses))
await copyFile(join(root, 'LICENSE'), join(root, 'packages/cli/LICENSE'))
