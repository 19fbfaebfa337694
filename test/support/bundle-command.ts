// Before the tests: bundles the command from its sources, as they are now.
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { bundleSources, ROOT } from './bundle-sources.ts'

const FOLDER = join(ROOT, 'node_modules/.cache/command')

/** Names the bundle for `run-command.ts`. Every run makes it anew: it cannot be older than the sources. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The published bundle is tested instead.
  if (process.env.PORT_DISPATCH_BUNDLE === '1') return async () => undefined
  const folders = [await bundleCommand()]
  project.onTestsRerun(async () => {
    folders.push(await bundleCommand())
  })
  return async () => {
    for (const folder of folders) await rm(folder, { recursive: true })
  }
}

async function bundleCommand(): Promise<string> {
  await mkdir(FOLDER, { recursive: true })
  const folder = await mkdtemp(join(FOLDER, 'run-'))
  const cli = join(ROOT, 'packages/cli')
  await bundleSources({ main: join(cli, 'src/main.ts') }, folder, {
    // Node starts CommonJS in half the time that ES modules take.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  })
  await symlink(join(cli, 'schemas'), join(folder, 'schemas'))
  await copyFile(join(cli, 'package.json'), join(folder, 'package.json'))
  process.env.PORT_DISPATCH_TEST_COMMAND = join(folder, 'main.cjs')
  return folder
}
