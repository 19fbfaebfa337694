// A process that runs jq 1.6, as jq-web carries it: a job a line in, an answer a line out. A process, because a crash
// of that jq leaves it unusable, and a program that does not end can only be killed.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { createInterface } = require('node:readline')

const folder = join(require.resolve('jq-web/package.json'), '..')
// jq-web was made for browsers and fetches its binary.
globalThis.fetch = async () => new Response(readFileSync(join(folder, 'jq.wasm.wasm')))
console.log = console.warn = console.error = () => {}
const jq = require(join(folder, 'jq.wasm.js'))

jq.onInitialized.addListener(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    const { program, document } = JSON.parse(line)
    let answer
    try {
      answer = { output: jq.raw(document, program, ['-c']) }
    } catch (error) {
      answer = { error: String(error?.message ?? error) }
    }
    const text = JSON.stringify(answer).replace(/[\u2028\u2029]/g, (char) =>
      char === '\u2028' ? '\\u2028' : '\\u2029',
    )
    process.stdout.write(`${text}\n`)
  }
})
