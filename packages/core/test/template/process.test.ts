import { execFile, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { isThorough } from '../../../../test/support/thorough.ts'

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
    const { value, failures } = await renderTemplate({ ...template, good: '{{ .a + 1 }}' }, { a: 1 }, { timeout: 1000 })
    console.log(JSON.stringify([value, failures.length, process.resourceUsage().maxRSS / 1024 < 512]))
  `)
  expect(JSON.parse(out)).toEqual([
    { k0: null, k1: null, k2: null, k3: null, k4: null, good: 2 },
    5,
    true,
  ])
  // What is not stopped takes for ever.
  expect(milliseconds).toBeLessThan(200_000)
})

// Its loops would slow down all that runs beside it. `npm run test:load` does the same to everything.
it.runIf(isThorough)('an expression is not to blame for a machine that is busy', async () => {
  // Less important than the rest of the machine, and much more than the process that renders.
  const loops = Array.from({ length: 6 }, () => {
    const loop = 'const end = Date.now() + 100_000; while (Date.now() < end);'
    const child = spawn(process.execPath, ['-e', loop], { stdio: 'ignore' })
    if (child.pid !== undefined) setPriority(child.pid, 10)
    return child
  })
  try {
    const { out } = await runScript(`
      import { setPriority } from 'node:os'
      setPriority(19)
      const failures = []
      for (let i = 0; i < 10; i++) {
        const template = ['{{ .n + 1 }}', '{{ .s | ascii_upcase }}', '{{ [.n, ' + i + '] | add }}']
        const result = await renderTemplate(template, { n: i, s: 'x' }, { timeout: 20 })
        failures.push(...result.failures)
      }
      console.log(JSON.stringify(failures))
    `)
    expect(JSON.parse(out)).toEqual([])
  } finally {
    for (const loop of loops) loop.kill('SIGKILL')
  }
})
