import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { bundleSources } from '../support/bundle-sources.ts'
import { libraryPrograms, programChecks, writePrograms } from '../support/library-programs.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

/** The programs run with the sources: test/tools/consumers.test.ts runs them with what is published. */
const folder = mkdtempSync(join(tmpdir(), 'library-'))
writePrograms(folder)
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
const files = [...libraryPrograms.keys()].map((name) => [name, join(folder, `${name}.ts`)])
beforeAll(() =>
  bundleSources(Object.fromEntries(files), folder, {
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  }),
)
afterAll(() => rmSync(folder, { recursive: true }))

const programs = { path: folder, extension: 'js', nodeFlags: [] } as const

describe.concurrent('the programs of docs/library.md', () => {
  it('are all checked here', () => {
    expect([...libraryPrograms.keys()].sort()).toEqual(Object.keys(programChecks).sort())
  })

  it('are short', () => {
    const lines = (name: string) => libraryPrograms.get(name)?.trimEnd().split('\n').length
    expect(lines('render')).toBeLessThan(10)
    expect(lines('dispatch')).toBeLessThan(15)
  })

  it.for(Object.entries(programChecks))('%s', async ([, check], { sandbox }) => {
    await check(programs, sandbox)
  })
})
