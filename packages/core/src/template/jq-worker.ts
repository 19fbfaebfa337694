// The thread that runs jq. It never comes back to its event loop: between two documents it sleeps
// inside jq's own read, so that a program that is asked for again needs no new start.
import { readFileSync } from 'node:fs'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { loadJq } from 'jq-wasm'
import { JqEngine, JqMemoryError, type JqStreams } from './jq-engine.ts'
import { documentMark, type JqEnd, type JqJob } from './jq-job.ts'
import { JqControl, type JqWorkerData, type JqWorkerMessage } from './jq-worker-protocol.ts'

const rejectedCode = 3
const mark = new TextEncoder().encode(documentMark)

class OutputLimitError extends Error {}

class JqThread implements JqStreams {
  readonly #data: JqWorkerData
  readonly #engine: JqEngine
  #job: JqJob = { program: '', documents: [] }
  /** A job that arrived while the program of another was running. */
  #waiting: JqJob | undefined
  #begun = 0
  #isAnswered = false

  constructor(data: JqWorkerData, engine: JqEngine) {
    this.#data = data
    this.#engine = engine
  }

  /** Runs jobs until one breaks the engine. */
  run(): void {
    try {
      for (;;) {
        this.#begin(this.#waiting ?? this.#receive())
        const code = this.#engine.run(this.#job.program, this)
        if (this.#isAnswered) continue
        this.#answer(code === rejectedCode && this.#begun === 0 ? 'rejected' : 'done')
      }
    } catch (error) {
      const isMemory = error instanceof JqMemoryError || error instanceof OutputLimitError
      this.#answer(isMemory ? 'memory-limit' : 'crash', String(error))
    }
  }

  read(): string | undefined {
    const { documents, program } = this.#job
    if (this.#begun === documents.length) {
      if (documents.length === 0) return undefined
      this.#answer('done')
      const job = this.#receive()
      if (job.program !== program || job.documents.length === 0) {
        this.#waiting = job
        return undefined
      }
      this.#begin(job)
    }
    const document = this.#job.documents[this.#begun++]
    Atomics.store(this.#data.control, JqControl.documents, this.#begun)
    this.write(mark)
    return document
  }

  write(bytes: Uint8Array): void {
    const { control, output } = this.#data
    const start = Atomics.load(control, JqControl.bytes)
    const end = start + bytes.length
    if (end > output.maxByteLength) throw new OutputLimitError('The output is too long')
    if (end > output.byteLength) output.grow(Math.min(2 * end, output.maxByteLength))
    new Uint8Array(output, start).set(bytes)
    Atomics.store(control, JqControl.bytes, end)
  }

  #begin(job: JqJob): void {
    this.#job = job
    this.#waiting = undefined
    this.#begun = 0
    this.#isAnswered = false
    Atomics.store(this.#data.control, JqControl.documents, 0)
    Atomics.store(this.#data.control, JqControl.bytes, 0)
  }

  #answer(end: JqEnd, errors = this.#engine.takeErrors()): void {
    this.#isAnswered = true
    tell({ type: 'answer', end, errors })
  }

  #receive(): JqJob {
    const { control } = this.#data
    for (;;) {
      const seen = Atomics.load(control, JqControl.wake)
      const message = parentPort === null ? undefined : receiveMessageOnPort(parentPort)
      if (message !== undefined) return message.message
      Atomics.wait(control, JqControl.wake, seen)
    }
  }
}

function tell(message: JqWorkerMessage): void {
  parentPort?.postMessage(message)
}

async function start(data: JqWorkerData): Promise<void> {
  const binary = new URL(import.meta.resolve('jq-wasm/jq.wasm'))
  const module = data.module ?? new WebAssembly.Module(readFileSync(binary))
  const engine = await JqEngine.load(loadJq, module, data.memoryLimit)
  tell({ type: 'ready', module })
  new JqThread(data, engine).run()
}

await start(workerData)
