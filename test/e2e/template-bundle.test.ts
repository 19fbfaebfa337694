import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))

const entry = `
  import { renderMany, renderTemplate } from './lib/template/index.js'
  const [, , templates, context] = process.argv
  const start = performance.now()
  const outcomes = []
  for (const template of JSON.parse(templates)) outcomes.push(await renderTemplate(template, JSON.parse(context)))
  console.log(JSON.stringify({ outcomes, milliseconds: performance.now() - start }))
`

interface Printed {
  outcomes: { value: unknown; failures: { path: string; reason: string; message: string }[] }[]
  milliseconds: number
}

/** The package's build in short: types removed, imports of .ts renamed. */
async function writeJavaScript(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from, { withFileTypes: true })) {
    if (!name.isFile() || !name.name.endsWith('.ts') || name.name.endsWith('.d.ts')) continue
    const source = stripTypeScriptTypes(await readFile(join(from, name.name), 'utf8'))
    const renamed = source.replace(/(from|import\() ?'(\.[^']*)\.ts'/gu, "$1 '$2.js'")
    await writeFile(join(to, name.name.replace(/\.ts$/u, '.js')), renamed)
  }
}

describe('templates in JavaScript', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'template-bundle-'))
    const source = join(folder, 'source')
    await writeJavaScript(join(root, 'packages/core/src'), join(source, 'lib'))
    await writeJavaScript(join(root, 'packages/core/src/template'), join(source, 'lib/template'))
    await writeFile(join(source, 'package.json'), '{"type":"module"}')
    await writeFile(join(source, 'main.mjs'), entry)
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'))
    const ncc = join(root, 'node_modules/.bin/ncc')
    await run(ncc, ['build', 'main.mjs', '-o', 'dist', '--no-cache'], { cwd: source })
    await cp(join(source, 'dist'), join(folder, 'bundle'), { recursive: true })
  }, 60_000)

  afterAll(() => rm(folder, { recursive: true }))

  async function render(main: string, templates: unknown[], context: unknown): Promise<Printed> {
    const file = join(folder, main)
    const args = [file, JSON.stringify(templates), JSON.stringify(context)]
    const { stdout, stderr } = await run(process.execPath, args, { cwd: dirname(file) })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  it.each(['source/main.mjs', 'bundle/index.mjs'])('render in %s', async (main) => {
    const templates = [
      '{{ .a }}',
      {
        b: '{{ .a + 1 }}',
        c: '{{ nosuch }}',
        d: '{{ .s | ascii_upcase }}',
        e: '{{ [env, $ENV] }}',
      },
    ]
    const { outcomes } = await render(main, templates, { a: 1, s: 'x' })
    expect(outcomes.map(({ value }) => value)).toEqual([1, { b: 2, c: null, d: 'X', e: [{}, {}] }])
    expect(outcomes[1]?.failures).toMatchObject([{ path: 'c', message: 'nosuch/0 is not defined' }])
  })

  it.each(['source/main.mjs', 'bundle/index.mjs'])('stop what does not end in %s', async (main) => {
    const hostile = {
      endless: '{{ def f: f; f }}',
      a: '{{ .a + 1 }}',
      memory: '{{ [range(1e12)] }}',
      b: '{{ .a + 2 }}',
      folded: '{{ "x" * 1e9 }}',
    }
    const { outcomes, milliseconds } = await render(main, [hostile, '{{ .a + 3 }}'], { a: 1 })
    expect(outcomes.map(({ value }) => value)).toEqual([
      { endless: null, a: 2, memory: null, b: 3, folded: null },
      4,
    ])
    expect(outcomes[0]?.failures).toMatchObject([
      { path: 'endless', reason: 'time-limit' },
      { path: 'memory', reason: expect.stringMatching('time-limit|memory-limit') },
      { path: 'folded', reason: 'memory-limit' },
    ])
    expect(milliseconds).toBeLessThan(2500)
  })
})
