import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const index = new URL('../../src/template/index.ts', import.meta.url)

async function runScript(script: string): Promise<{ out: string; milliseconds: number }> {
  const source = `import { renderTemplate, renderMany } from ${JSON.stringify(index)}\n${script}`
  const start = performance.now()
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', source])
  expect(stderr).toBe('')
  return { out: stdout, milliseconds: performance.now() - start }
}

it('a template of plain paths loads no jq', async () => {
  const { out } = await runScript(`
    let loads = 0
    for (const name of ['Module', 'Instance', 'compile', 'instantiate']) {
      WebAssembly[name] = function () { loads++ }
    }
    const template = { a: '{{ .a.b }}', b: '{{ if (.a | has("b")) then "b" else null end }}' }
    const { value } = await renderTemplate(template, { a: { b: 1 } })
    const threads = process.getActiveResourcesInfo().filter((name) => name.includes('Message'))
    console.log(JSON.stringify([value, loads, threads]))
  `)
  expect(JSON.parse(out)).toEqual([{ a: 1, b: 'b' }, 0, []])
})

it('the process ends by itself after rendering with jq', async () => {
  const { out } = await runScript(`
    console.log((await renderTemplate('{{ .a + 1 }}', { a: 1 })).value)
    process.on('exit', () => console.log('ended'))
  `)
  expect(out).toBe('2\nended\n')
})

it('a hostile template takes neither long nor much memory', async () => {
  const { out, milliseconds } = await runScript(`
    const bad = ['[range(1e12)]', 'def f: f; f', '"x" * 1e9', '[limit(1e9; repeat(1))]', 'def f: 1 + f; f']
    const template = Object.fromEntries(bad.map((expression, i) => ['k' + i, '{{ ' + expression + ' }}']))
    const { value, failures } = await renderTemplate({ ...template, good: '{{ .a + 1 }}' }, { a: 1 })
    console.log(JSON.stringify([value, failures.length, process.resourceUsage().maxRSS / 1024 < 512]))
  `)
  expect(JSON.parse(out)).toEqual([
    { k0: null, k1: null, k2: null, k3: null, k4: null, good: 2 },
    5,
    true,
  ])
  expect(milliseconds).toBeLessThan(50_000)
}, 60_000)
