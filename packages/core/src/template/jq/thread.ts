// One thread that runs jq, which can be stopped at any time.
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { JqAnswer, JqJob } from './job.ts'
import {
  controlLength,
  JqControl,
  type JqWorkerData,
  type JqWorkerMessage,
  splitOutput,
} from './protocol.ts'
import type { JqFiles, JqMemory } from './resources.ts'

/** Milliseconds between two looks at a thread that is at work. */
const watchInterval = 10

/** Milliseconds of CPU time for jq to start and compile a program, if its documents have less. */
const startLimit = 1000

/**
 * What a document may take by the clock: a last resort against a thread that gets no CPU time at all. It is counted
 * in looks, so that a process that is not run itself does not find the time used up.
 */
const patience = { looks: 12_000, looksPerMillisecond: 10 }

type Answer = Extract<JqWorkerMessage, { type: 'answer' }>

export class JqThread {
  /** The program that ran last and may still be there. */
  program = ''
  /** Whether it has ended, by a fault of its own or because it was stopped. */
  isGone = false
  /** Resolves with jq's compiled binary when jq can be used. */
  readonly ready: Promise<WebAssembly.Module>
  readonly #worker: Worker
  readonly #control = new Int32Array(
    new SharedArrayBuffer(controlLength * Int32Array.BYTES_PER_ELEMENT),
  )
  readonly #output: SharedArrayBuffer

  constructor(files: JqFiles, memory: JqMemory, module: WebAssembly.Module | undefined) {
    this.#output = new SharedArrayBuffer(0, { maxByteLength: memory.output })
    const workerData: JqWorkerData = {
      control: this.#control,
      output: this.#output,
      binary: module ?? fileURLToPath(files.wasm),
      memoryLimit: memory.heap,
    }
    // The process's own flags, such as --input-type, need not suit a thread.
    this.#worker = new Worker(files.worker, { workerData, name: 'jq', env: {}, execArgv: [] })
    // An error without a listener would end the process; whoever waits for the thread gets it.
    this.#worker
      .on('error', () => {})
      .once('exit', () => {
        this.isGone = true
      })
    this.ready = this.#nextMessage().then((message) => {
      if (message.type === 'ready') return message.module
      throw new Error('The thread of jq answered before it was ready')
    })
  }

  /** Whether it keeps the process alive. A thread that is at work does, an idle one does not. */
  hold(): void {
    this.#worker.ref()
  }

  release(): void {
    this.#worker.unref()
  }

  /**
   * Runs a job when jq is ready. After any end but `done` and `rejected` the thread is gone.
   *
   * @param timeLimit milliseconds of CPU time for each document
   */
  async run(job: JqJob, timeLimit: number): Promise<JqAnswer> {
    this.program = job.program
    const watch = new Watch(this.#worker, this.#control, timeLimit)
    let answer: Answer
    try {
      const next = this.#nextMessage()
      this.#worker.postMessage(job)
      Atomics.add(this.#control, JqControl.wake, 1)
      Atomics.notify(this.#control, JqControl.wake)
      const message = await Promise.race([next, watch.overtime])
      answer =
        message.type === 'answer' ? message : watch.stopped('crash', 'The thread started anew')
    } catch (error) {
      answer = watch.stopped('crash', String(error))
    } finally {
      watch.end()
    }
    if (answer.end === 'done' || answer.end === 'rejected') {
      return { ...answer, outputs: this.#readOutput() }
    }
    await this.stop()
    const outputs = this.#readOutput()
    const partial = outputs.pop()
    return { ...answer, outputs, ...(partial && { partial }) }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #readOutput(): string[][] {
    const bytes = Atomics.load(this.#control, JqControl.bytes)
    return splitOutput(Buffer.from(this.#output, 0, bytes).toString())
  }

  #nextMessage(): Promise<JqWorkerMessage> {
    const worker = this.#worker
    const { promise, resolve, reject } = Promise.withResolvers<JqWorkerMessage>()
    const onExit = (code: number) => reject(new Error(`The thread of jq ended with code ${code}`))
    worker.once('message', resolve).once('error', reject).once('exit', onExit)
    const clear = () => worker.off('message', resolve).off('error', reject).off('exit', onExit)
    promise.then(clear, clear)
    return promise
  }
}

/** Looks whether a document takes more CPU time than it may. */
class Watch {
  readonly overtime: Promise<Answer>
  readonly #worker: Worker
  readonly #control: Int32Array<SharedArrayBuffer>
  readonly #timeLimit: number
  readonly #timer: NodeJS.Timeout
  readonly #resolve: (answer: Answer) => void
  /** The place in which the thread was seen last, and what it had used there. */
  #documents = -1
  #looks = 0
  #processTime = 0
  #time = 0
  #isAsked = false

  constructor(worker: Worker, control: Int32Array<SharedArrayBuffer>, timeLimit: number) {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    this.overtime = promise
    this.#resolve = resolve
    this.#worker = worker
    this.#control = control
    this.#timeLimit = timeLimit
    this.#timer = setInterval(() => this.#look(), watchInterval)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  /** The answer in the thread's place. Of the documents before it is not known what they took. */
  stopped(end: Answer['end'], errors = ''): Answer {
    const documents = Atomics.load(this.#control, JqControl.documents)
    const times = Array.from({ length: documents }, (_, i) =>
      i === documents - 1 ? this.#time : 0,
    )
    return { type: 'answer', end, errors, startTime: documents === 0 ? this.#time : 0, times }
  }

  #look(): void {
    const documents = Atomics.load(this.#control, JqControl.documents)
    if (documents !== this.#documents) {
      this.#documents = documents
      this.#looks = 0
      this.#time = 0
      this.#processTime = processTime()
    }
    this.#looks++
    if (this.#looks > patience.looks + this.#timeLimit * patience.looksPerMillisecond) {
      this.#resolve(this.stopped('time-limit'))
    } else if (!this.#isAsked) this.#ask(documents)
  }

  /** A thread that gets no CPU time does not answer, and has used none. */
  async #ask(documents: number): Promise<void> {
    const begun = Atomics.load(this.#control, JqControl.begun)
    this.#isAsked = true
    try {
      const time = await this.#usedSince(begun)
      if (Atomics.load(this.#control, JqControl.documents) !== documents) return
      if (Atomics.load(this.#control, JqControl.begun) !== begun) return
      this.#time = time
      const limit = documents === 0 ? Math.max(startLimit, this.#timeLimit) : this.#timeLimit
      if (time >= limit) this.#resolve(this.stopped('time-limit'))
    } catch {
      // The thread has ended, which its other listeners say.
    } finally {
      this.#isAsked = false
    }
  }

  async #usedSince(begun: number): Promise<number> {
    // Before Node 24.6 a thread cannot be asked from outside. What the whole process used is never less.
    if (this.#worker.cpuUsage === undefined) return processTime() - this.#processTime
    const { user, system } = await this.#worker.cpuUsage()
    // The control array wraps around; so does the difference.
    return ((user + system - begun) | 0) / 1000
  }
}

function processTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
