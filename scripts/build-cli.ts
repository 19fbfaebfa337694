// Bundles the command into packages/cli/dist, so that `npx` installs one package and resolves no others. What a
// subcommand loads on demand stays a file of its own.
import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { bundle } from './bundle.ts'
import { bundleJqWorker } from './bundle-jq-worker.ts'
import { collectLicenses } from './collect-licenses.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, 'packages/cli/dist')

await rm(folder, { recursive: true, force: true })
const licenses = await bundle({
  entry: join(root, 'packages/cli/lib/main.js'),
  name: 'main',
  folder,
  // A package of its own, loaded where it is installed.
  externals: { '@port-dispatch/agent/main': '@port-dispatch/agent/main' },
})
licenses.push(await bundleJqWorker(folder))
await writeFile(join(folder, 'licenses.txt'), await collectLicenses(licenses))
await copyFile(join(root, 'LICENSE'), join(root, 'packages/cli/LICENSE'))
