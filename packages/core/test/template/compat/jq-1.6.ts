import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('./jq-1.6-process.cjs', import.meta.url))

/** What an expression is on jq 1.6, as Port's template code takes it. */
export type Outcome =
  | { type: 'value'; json: string }
  /** jq does not accept it, or it ended in an error: null in the payload. */
  | { type: 'null' }
  | { type: 'no output' }
  | { type: 'crash' }

interface Answer {
  output?: string
  error?: string
}

/** Milliseconds for a program; of those here none needs a tenth of it. */
const patience = 20_000

const compileError = /^\d+ compile error/

/** jq 1.6, the one that Port's published binding is built on, in the form of the npm package jq-web. */
export class Jq16 {
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined
  #lines: Interface | undefined

  /** Evaluates expressions on one document, as many as it accepts with one call. */
  async evaluate(filters: readonly string[], document: string): Promise<Outcome[]> {
    const [filter, ...others] = filters
    if (filter === undefined) return []
    const { output, error = '' } = await this.#run(sharedProgram(filters), document)
    if (output !== undefined) return readOutput(filters.length, output)
    if (others.length === 0) return [{ type: compileError.test(error) ? 'null' : 'crash' }]
    const half = Math.ceil(filters.length / 2)
    return [
      ...(await this.evaluate(filters.slice(0, half), document)),
      ...(await this.evaluate(filters.slice(half), document)),
    ]
  }

  close(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  async #run(program: string, document: string): Promise<Answer> {
    if (this.#child === undefined) {
      this.#child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'ignore'] })
      this.#lines = createInterface({ input: this.#child.stdout })
    }
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const onLine = (line: string) => resolve(JSON.parse(line))
    const onClose = () => resolve({ error: 'It ended' })
    const timer = setTimeout(() => resolve({ error: 'It does not end' }), patience)
    this.#lines?.once('line', onLine).once('close', onClose)
    this.#child.stdin.write(`${toLine({ program, document })}\n`)
    const answer = await promise
    clearTimeout(timer)
    this.#lines?.off('line', onLine).off('close', onClose)
    // An error of jq itself leaves the process in order; any other may not.
    if (answer.error !== undefined && !compileError.test(answer.error)) this.close()
    return answer
  }
}

/** What `readline` takes for a line; its line breaks include two that JSON leaves as they are. */
function toLine(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (char) =>
    char === '\u2028' ? '\\u2028' : '\\u2029',
  )
}

function sharedProgram(filters: readonly string[]): string {
  return `def env: {}; {} as $ENV | ${filters.map(caught).join('\n,')}`
}

/** With its index, because an expression without output can leave no line. */
function caught(filter: string, index: number): string {
  return `([${index}, (try [first((${filter}\n\n))] catch {e:.})])`
}

function readOutput(count: number, output: string): Outcome[] {
  const outcomes = Array.from({ length: count }, (): Outcome => ({ type: 'no output' }))
  for (const line of output.split('\n')) {
    if (line === '') continue
    const [index, result]: [number, unknown[] | { e: unknown } | undefined] = JSON.parse(line)
    if (Array.isArray(result) && result.length > 0) {
      outcomes[index] = { type: 'value', json: JSON.stringify(result[0], finite) }
    } else if (result !== undefined && 'e' in result && typeof result.e === 'string') {
      outcomes[index] = { type: 'null' }
    }
  }
  return outcomes
}

/** jq writes the largest number for an infinite one, which Port's binding hands to JavaScript as it is. */
function finite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && Math.abs(value) === Number.MAX_VALUE ? null : value
}
