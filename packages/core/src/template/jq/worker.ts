// The thread that runs jq. It never comes back to its event loop: between two documents it sleeps
// inside jq's own read, so that a program that is asked for again needs no new start.
import { readFileSync } from 'node:fs'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { loadJq } from 'jq-wasm'
import { JqEngine, JqMemoryError, type JqStreams } from './engine.ts'
import type { JqEnd, JqJob } from './job.ts'
import { documentMark, JqControl, type JqWorkerData, type JqWorkerMessage } from './protocol.ts'

const rejectedCode = 3
const mark = new TextEncoder().encode(documentMark)

class OutputLimitError extends Error {}

class JqLoop implements JqStreams {
  readonly #data: JqWorkerData
  readonly #engine: JqEngine
  #job: JqJob = { program: '', documents: [] }
  /** A job that arrived while the program of another was running. */
  #waiting: JqJob | undefined
  #begun = 0
  #isAnswered = false
  #startTime = 0
  #times: number[] = []
  #lapStart = 0

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
    this.#endLap()
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
    this.#times = []
    Atomics.store(this.#data.control, JqControl.documents, 0)
    Atomics.store(this.#data.control, JqControl.bytes, 0)
    this.#startLap()
  }

  #startLap(): void {
    this.#lapStart = cpuTime()
    Atomics.store(this.#data.control, JqControl.begun, this.#lapStart)
  }

  /** Between two laps lies nothing; the first is jq's start, each other a document. */
  #endLap(): void {
    const begun = this.#lapStart
    this.#startLap()
    const time = (this.#lapStart - begun) / 1000
    if (this.#begun === 0) this.#startTime = time
    else this.#times.push(time)
  }

  #answer(end: JqEnd, errors = this.#engine.takeErrors()): void {
    this.#endLap()
    this.#isAnswered = true
    send({ type: 'answer', end, errors, startTime: this.#startTime, times: this.#times })
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

/** Microseconds of CPU time that this thread has used. */
function cpuTime(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

function send(message: JqWorkerMessage): void {
  parentPort?.postMessage(message)
}

async function start({ binary, ...data }: JqWorkerData): Promise<void> {
  const module = typeof binary === 'string' ? new WebAssembly.Module(readFileSync(binary)) : binary
  const engine = await JqEngine.load(loadJq, module, data.memoryLimit)
  // The first program takes longer, because V8 compiles jq then. No expression is to pay for that.
  engine.run('.', { read: () => undefined, write: () => {} })
  send({ type: 'ready', module })
  new JqLoop({ ...data, binary: module }, engine).run()
}

// Not awaited here: the thread's bundle is a CommonJS module. A rejection ends the thread with its error.
void start(workerData)
