// Before the tests: bundles the command from its sources, as they are now, because a bundle starts three times as fast.
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import type { TestProject } from 'vitest/node'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'node_modules/.cache/command')
/** They read files beside them, or are loaded where they are installed. */
const EXTERNAL = ['@platformatic/kafka', '@pnpm/tabtab', 'pino', 'pino-pretty']

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
  const bundle = await rolldown({
    input: {
      main: join(ROOT, 'packages/cli/src/main.ts'),
      'jq-worker': join(ROOT, 'packages/core/src/template/jq/worker.ts'),
    },
    platform: 'node',
    external: EXTERNAL,
    resolve: {
      conditionNames: ['port-dispatch-source', 'node', 'import', 'default'],
      mainFields: ['module', 'main'],
    },
  })
  await bundle.write({
    dir: folder,
    // Node starts CommonJS in half the time that ES modules take.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  })
  await bundle.close()
  const { resolve: find } = createRequire(join(ROOT, 'packages/core/package.json'))
  await copyFile(find('jq-wasm/jq.wasm'), join(folder, 'jq.wasm'))
  const cli = join(ROOT, 'packages/cli')
  await symlink(join(cli, 'schemas'), join(folder, 'schemas'))
  await copyFile(join(cli, 'package.json'), join(folder, 'package.json'))
  process.env.PORT_DISPATCH_TEST_COMMAND = join(folder, 'main.cjs')
  return folder
}
