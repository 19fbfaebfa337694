import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleJqWorker } from '../../scripts/bundle-jq-worker.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))

/** Renders templates one after the other, and counts the turns that its event loop makes meanwhile. */
const entry = `
  import { renderTemplate } from './lib/template/index.js'
  async function main() {
    const [, , templates, context] = process.argv
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    const outcomes = []
    for (const template of JSON.parse(templates)) outcomes.push(await renderTemplate(template, JSON.parse(context)))
    clearInterval(timer)
    process.on('exit', () => console.log(JSON.stringify({ outcomes, turns })))
  }
  void main()
`

interface Printed {
  outcomes: { value: unknown; failures: { path: string; reason: string; message: string }[] }[]
  turns: number
}

/** The package as it is published, and bundles of a program that uses it: an ES module, and CommonJS. */
const mains = ['source/main.mjs', 'module/index.mjs', 'commonjs/index.js']

describe('templates in JavaScript', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'template-bundle-'))
    const source = join(folder, 'source')
    const lib = join(source, 'lib')
    const config = join(root, 'packages/core/tsconfig.build.json')
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', config, '--outDir', lib])
    await writeFile(join(lib, 'package.json'), '{"type":"module"}')
    await writeFile(join(source, 'main.mjs'), entry)
    await writeFile(join(source, 'main.js'), entry)
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'))
    for (const [name, main] of [
      ['module', 'main.mjs'],
      ['commonjs', 'main.js'],
    ] as const) {
      const args = ['build', main, '-o', 'dist', '--no-cache']
      await run(join(root, 'node_modules/.bin/ncc'), args, { cwd: source })
      await rename(join(source, 'dist'), join(folder, name))
      await bundleJqWorker(join(folder, name), lib)
    }
  })

  afterAll(() => rm(folder, { recursive: true }))

  async function render(main: string, templates: unknown[], context: unknown): Promise<Printed> {
    const file = join(folder, main)
    const args = [file, JSON.stringify(templates), JSON.stringify(context)]
    const { stdout, stderr } = await run(process.execPath, args, { cwd: dirname(file) })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  it.each(mains)('render in %s', async (main) => {
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

  it.each(mains)('stop what does not end, and block nothing else, in %s', async (main) => {
    const hostile = {
      endless: '{{ def f: f; f }}',
      a: '{{ .a + 1 }}',
      memory: '{{ [range(1e12)] }}',
      b: '{{ .a + 2 }}',
      folded: '{{ "x" * 1e9 }}',
    }
    const { outcomes, turns } = await render(main, [hostile, '{{ .a + 3 }}'], { a: 1 })
    expect(outcomes.map(({ value }) => value)).toEqual([
      { endless: null, a: 2, memory: null, b: 3, folded: null },
      4,
    ])
    expect(outcomes[0]?.failures).toMatchObject([
      { path: 'endless', reason: 'limit', kind: 'time' },
      { path: 'memory', reason: 'limit', kind: expect.stringMatching('time|memory') },
      { path: 'folded', reason: 'limit', kind: 'memory' },
    ])
    // In the thread of the event loop each job of jq would leave it one turn, and there are about ten.
    expect(turns).toBeGreaterThan(50)
  })

  it('of plain paths alone load neither a thread nor jq', async () => {
    const bare = join(folder, 'bare')
    await mkdir(bare)
    const files = (await readdir(join(folder, 'commonjs'))).filter((name) =>
      /index\.js$/.test(name),
    )
    for (const name of files) await symlink(join(folder, 'commonjs', name), join(bare, name))
    const args = ['--preserve-symlinks', '--preserve-symlinks-main']
    const templates = JSON.stringify(['{{ .a }}', '{{ .a + 1 }}'])
    const file = join(bare, 'index.js')
    const { stdout } = await run(process.execPath, [...args, file, templates, '{"a":1}'])
    const { outcomes }: Printed = JSON.parse(stdout)
    expect(outcomes[0]).toMatchObject({ value: 1, failures: [] })
    // Without the thread's files beside the bundle the rendering says so, and goes on.
    expect(outcomes[1]?.failures).toMatchObject([
      { reason: 'limit', kind: 'engine', message: expect.stringContaining('jq-worker.cjs') },
    ])
  })
})
