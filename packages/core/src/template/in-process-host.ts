// Runs jq in the thread of its caller, for bundles, which hold no file that a thread could start from.
//
// It blocks the event loop for as long as jq runs, starts jq anew for each document, and cannot tell
// how far a program came that had to be stopped. The limits hold here too: the watchdog of node:vm
// interrupts WebAssembly, and jq-wasm's own memory ends at 256 MB.
import { createContext, Script } from 'node:vm'
import type { Jq } from 'jq-wasm/inline'
import type { JqAnswer, JqEnd, JqHost, JqJob } from './jq-job.ts'

const rejectedCode = 3

export class InProcessHost implements JqHost {
  #jq: Promise<Jq> | undefined

  async run({ program, documents }: JqJob, timeLimit: number): Promise<JqAnswer> {
    const outputs: string[][] = []
    const errors: string[] = []
    for (const document of documents.length === 0 ? [''] : documents) {
      this.#jq ??= import('jq-wasm/inline').then(({ loadJq }) => loadJq())
      const jq = await this.#jq
      try {
        const result = quietly(() => runWithin(timeLimit, () => jq.raw(document, program, ['-c'])))
        if (result.exitCode === rejectedCode) {
          return { end: 'rejected', outputs: [], errors: result.stderr }
        }
        outputs.push(result.stdout === '' ? [] : result.stdout.split('\n'))
        if (result.stderr !== '') errors.push(result.stderr)
      } catch (error) {
        this.#jq = undefined
        return { end: endOf(error), outputs, errors: String(error) }
      }
    }
    return { end: 'done', outputs, errors: errors.join('\n') }
  }
}

const sandbox: { run?: () => unknown } = {}
const script = new Script('run()')

/** Calls a function, and throws if it takes longer than it may, even inside WebAssembly. */
function runWithin<T>(milliseconds: number, run: () => T): T {
  sandbox.run = run
  try {
    createContext(sandbox)
    return script.runInContext(sandbox, { timeout: Math.max(1, Math.ceil(milliseconds)) })
  } finally {
    delete sandbox.run
  }
}

/** jq-wasm prints when jq aborts. Nothing else runs meanwhile. The watchdog skips `finally`: it belongs outside. */
function quietly<T>(run: () => T): T {
  const { error } = console
  console.error = () => {}
  try {
    return run()
  } finally {
    console.error = error
  }
}

/** The watchdog's error is none of this realm, so that its class tells nothing. */
function endOf(error: unknown): JqEnd {
  if (typeof error !== 'object' || error === null) return 'crash'
  if ('code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'time-limit'
  return 'message' in error && String(error.message).startsWith('Aborted(')
    ? 'memory-limit'
    : 'crash'
}
