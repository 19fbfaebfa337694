import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setOutput } from '@actions/core'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeDotenv } from '../../packages/cli/src/dotenv.ts'
import { readFileCommands } from '../support/workflow-commands.ts'
import { fuzz } from './fuzz.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const value = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '\n',
          '\r',
          '\r\n',
          '=',
          'PATH=/evil',
          'x<<EOF',
          'EOF',
          'ghadelimiter_',
          '\u2028',
          '\u0085',
          '\v',
          ' ',
          '$HOME',
        ],
        ...['"', "'", '\\n', '`', '::set-output name=a::b', 'https://example.com/1'],
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''))

describe('values that others chose', () => {
  it('stay in their variable of a dotenv report', async () => {
    const path = join(folder, 'dotenv')
    await fuzz(
      fc.record({ id: fc.nat(), url: value, externalRunId: fc.option(value), statusLabel: value }),
      (outputs) => {
        writeDotenv(path, 'DISPATCHED_', outputs)
        const read = readAsGitlab(readFileSync(path, 'utf8'))
        const expected = Object.entries(outputs).filter(([, value]) => value !== null)
        expect(read.map(([name]) => name)).toEqual(
          expected.map(([name]) => `DISPATCHED_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`),
        )
        for (const [index, [, value]] of expected.entries())
          expect(read[index]?.[1]).toBe(`${value}`.split(/\r|\n/)[0]?.trim().toWellFormed())
      },
      2000,
    )
  })

  afterEach(() => vi.unstubAllEnvs())

  it('stay in their output of a step', async () => {
    const path = join(folder, 'output')
    vi.stubEnv('GITHUB_OUTPUT', path)
    await fuzz(
      fc.record({ runId: value, url: value, statusLabel: value, payload: value }),
      (outputs) => {
        writeFileSync(path, '')
        for (const [name, text] of Object.entries(outputs)) setOutput(name, text)
        const wellFormed = Object.entries(outputs).map(([name, text]) => [
          name,
          text.toWellFormed(),
        ])
        expect(readFileCommands(readFileSync(path, 'utf8'))).toEqual(Object.fromEntries(wellFormed))
      },
      1000,
    )
  })
})

/** As GitLab's runner reads an artifact of the type dotenv: one `KEY=value` a line, without white space around. */
function readAsGitlab(text: string): [name: string, value: string][] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const at = line.indexOf('=')
      if (!/^\w+$/.test(line.slice(0, at))) throw new Error(`Invalid line: ${line}`)
      return [line.slice(0, at), line.slice(at + 1).trim()]
    })
}

describe('the prefix of a dotenv report', () => {
  it('cannot be more than the beginning of a name', () => {
    const path = join(folder, 'prefixed')
    for (const prefix of ['A=1\nB', 'A B', '1', 'A-', 'Ä'])
      expect(() => writeDotenv(path, prefix, { id: 1 })).toThrow('--dotenv-prefix: found')
    for (const prefix of ['', '_', 'DEPLOY_1_']) writeDotenv(path, prefix, { id: 1 })
  })
})
