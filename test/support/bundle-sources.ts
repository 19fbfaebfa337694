import { copyFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { type OutputOptions, rolldown } from 'rolldown'

export const ROOT = resolve(import.meta.dirname, '../..')
/** They read files beside them, or are loaded where they are installed. */
const EXTERNAL = ['@platformatic/kafka', '@pnpm/tabtab', 'express', 'hono', 'pino', 'pino-pretty']

/**
 * Bundles programs with the sources of the packages that they import, as they are now. Node reads a bundle three times as
 * fast as the sources.
 *
 * @param programs their files, by the names that the bundles get in the folder
 */
export async function bundleSources(
  programs: Readonly<Record<string, string>>,
  folder: string,
  output: Pick<OutputOptions, 'format' | 'entryFileNames' | 'chunkFileNames'>,
): Promise<void> {
  await bundle(programs, { dir: folder, ...output })
  // Where packages/core/src/template/jq/resources.ts looks for them.
  await bundle(
    { 'jq-worker': join(ROOT, 'packages/core/src/template/jq/worker.ts') },
    { dir: folder, format: 'cjs', entryFileNames: '[name].cjs' },
  )
  const { resolve: find } = createRequire(join(ROOT, 'packages/core/package.json'))
  await copyFile(find('jq-wasm/jq.wasm'), join(folder, 'jq.wasm'))
}

async function bundle(
  input: Readonly<Record<string, string>>,
  output: OutputOptions,
): Promise<void> {
  const made = await rolldown({
    input,
    platform: 'node',
    external: EXTERNAL,
    resolve: {
      conditionNames: ['port-dispatch-source', 'node', 'import', 'default'],
      mainFields: ['module', 'main'],
    },
  })
  await made.write(output)
  await made.close()
}
