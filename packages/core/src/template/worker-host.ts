// Runs jq in a thread of its own, which can be stopped at any time.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type JqAnswer, type JqHost, type JqJob, splitOutput } from './jq-job.ts'
import {
  controlLength,
  JqControl,
  type JqWorkerData,
  type JqWorkerMessage,
} from './jq-worker-protocol.ts'
import type { MemoryLimits } from './memory-limits.ts'

/** All in milliseconds. */
const watchInterval = 10
const spareDelay = 20

/** The thread's file: TypeScript beside the sources, JavaScript in the package, missing in a bundle. */
function workerFile(): URL {
  const here = import.meta.url
  return new URL(`jq-worker${here.slice(here.lastIndexOf('.'))}`, here)
}

/** Whether this host works here: a bundle does not hold the thread's file. */
export function canRunWorker(): boolean {
  const file = workerFile()
  return file.protocol === 'file:' && existsSync(fileURLToPath(file))
}

/** A running thread. */
interface Thread {
  worker: Worker
  control: Int32Array<SharedArrayBuffer>
  output: SharedArrayBuffer
}

export class WorkerHost implements JqHost {
  readonly #limits: MemoryLimits
  #thread: Promise<Thread> | undefined
  /** Takes the place of a thread that has to be stopped. Started when that begins to look likely. */
  #spare: Promise<Thread> | undefined
  #module: WebAssembly.Module | undefined

  constructor(limits: MemoryLimits) {
    this.#limits = limits
  }

  async run(job: JqJob, timeLimit: number): Promise<JqAnswer> {
    this.#thread ??= this.#start()
    let thread: Thread
    try {
      thread = await this.#thread
    } catch (error) {
      this.#thread = undefined
      throw new Error('jq could not be started', { cause: error })
    }
    // A thread that is at work keeps the process alive, an idle one does not.
    thread.worker.ref()
    const spare = setTimeout(() => this.#startSpare(), spareDelay)
    try {
      const { end, errors } = await runJob(thread, job, timeLimit)
      if (end === 'done' || end === 'rejected') return { end, errors, outputs: readOutput(thread) }
      this.#thread = this.#spare
      this.#spare = undefined
      await thread.worker.terminate()
      const outputs = readOutput(thread)
      const partial = outputs.pop()
      return { end, errors, outputs, ...(partial && { partial }) }
    } finally {
      clearTimeout(spare)
      thread.worker.unref()
    }
  }

  #startSpare(): void {
    this.#spare ??= this.#start()
    // It is told when the spare is needed.
    this.#spare.catch(() => {})
  }

  async #start(): Promise<Thread> {
    const control = new Int32Array(
      new SharedArrayBuffer(controlLength * Int32Array.BYTES_PER_ELEMENT),
    )
    const output = new SharedArrayBuffer(0, { maxByteLength: this.#limits.output })
    const data: JqWorkerData = {
      control,
      output,
      module: this.#module,
      memoryLimit: this.#limits.heap,
    }
    // The process's own flags, such as --input-type, need not suit a thread.
    const options = { workerData: data, name: 'jq', env: {}, execArgv: [] }
    const worker = new Worker(workerFile(), options)
    const message = await nextMessage(worker)
    if (message.type === 'ready') this.#module = message.module
    worker.unref()
    return { worker, control, output }
  }
}

function readOutput({ control, output }: Thread): string[][] {
  const bytes = Atomics.load(control, JqControl.bytes)
  return splitOutput(Buffer.from(output, 0, bytes).toString())
}

type Ending = Pick<JqAnswer, 'end' | 'errors'>

async function runJob(thread: Thread, job: JqJob, timeLimit: number): Promise<Ending> {
  const { worker, control } = thread
  const watch = watchDocuments(control, timeLimit)
  try {
    const answer = nextMessage(worker)
    worker.postMessage(job)
    Atomics.add(control, JqControl.wake, 1)
    Atomics.notify(control, JqControl.wake)
    const message = await Promise.race([answer, watch.overtime])
    return message.type === 'answer' ? message : { end: 'crash', errors: 'The thread started anew' }
  } catch (error) {
    return { end: 'crash', errors: String(error) }
  } finally {
    watch.stop()
  }
}

/** Looks whether a document takes longer than it may. */
function watchDocuments(
  control: Int32Array<SharedArrayBuffer>,
  timeLimit: number,
): { overtime: Promise<JqWorkerMessage>; stop: () => void } {
  const { promise: overtime, resolve } = Promise.withResolvers<JqWorkerMessage>()
  let documents = 0
  let since = performance.now()
  const timer = setInterval(
    () => {
      const begun = Atomics.load(control, JqControl.documents)
      if (begun !== documents) {
        documents = begun
        since = performance.now()
      } else if (performance.now() - since >= timeLimit) {
        resolve({ type: 'answer', end: 'time-limit', errors: '' })
      }
    },
    Math.min(watchInterval, timeLimit),
  )
  return { overtime, stop: () => clearInterval(timer) }
}

function nextMessage(worker: Worker): Promise<JqWorkerMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<JqWorkerMessage>()
  const onExit = (code: number) => reject(new Error(`The thread of jq ended with code ${code}`))
  worker.once('message', resolve).once('error', reject).once('exit', onExit)
  const clear = () => worker.off('message', resolve).off('error', reject).off('exit', onExit)
  promise.then(clear, clear)
  return promise
}
