import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { libraryPrograms, programChecks, writePrograms } from '../support/library-programs.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

/** The programs run on the sources: test/tools/consumers.test.ts runs them on what is published. */
const folder = mkdtempSync(join(tmpdir(), 'library-'))
writePrograms(folder)
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
afterAll(() => rmSync(folder, { recursive: true }))

const programs = {
  path: folder,
  extension: 'ts',
  nodeFlags: ['--conditions=port-dispatch-source'],
} as const

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
