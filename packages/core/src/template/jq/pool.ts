// The threads that run jq, shared by all who render at the same time.
import { availableParallelism } from 'node:os'
import type { JqAnswer, JqJob } from './job.ts'
import { findJqFiles, type JqFiles, type JqMemory } from './resources.ts'
import type { JqThread } from './thread.ts'

const mebibyte = 1024 * 1024

export interface JqPoolOptions {
  /** How many threads there are at most. Default: one a core, and not more than 4. */
  size?: number
  /** Default: 128 MiB of memory and 32 MiB of output, enough for a context of several megabytes. */
  memory?: Partial<JqMemory>
  /** Where a bundle other than ours has put the files of the threads. */
  files?: JqFiles
}

/** When a job takes this long, in milliseconds, the thread that would replace its own is started. */
const spareDelay = 20

interface Waiting {
  resolve: (thread: JqThread) => void
  reject: (error: unknown) => void
}

/**
 * Some threads in which jq runs, started when they are needed. Idle threads do not keep the process alive.
 *
 * One pool serves any number of renderings side by side. Without one of its own, a rendering uses a pool that the
 * process shares.
 */
export class JqPool {
  readonly memory: JqMemory
  readonly #size: number
  readonly #files: JqFiles | undefined
  readonly #idle: JqThread[] = []
  readonly #waiting: Waiting[] = []
  /** Those at work, idle, or about to be started. */
  #count = 0
  /** Takes the place of a thread that has to be stopped. */
  #spare: JqThread | undefined
  #module: WebAssembly.Module | undefined
  #isClosed = false

  constructor({ size = Math.min(4, availableParallelism()), memory, files }: JqPoolOptions = {}) {
    this.#size = Math.max(1, size)
    this.#files = files
    this.memory = { heap: 128 * mebibyte, output: 32 * mebibyte, ...memory }
  }

  /**
   * Runs a job as soon as a thread is free. How long it waits for that does not count.
   *
   * @param timeLimit milliseconds of CPU time for each document
   */
  async run(job: JqJob, timeLimit: number): Promise<JqAnswer> {
    let thread: JqThread
    try {
      thread = await this.#take(job.program)
    } catch (error) {
      return { end: 'no-start', outputs: [], errors: String(error), startTime: 0, times: [] }
    }
    thread.hold()
    const spare = setTimeout(() => this.#startSpare(), spareDelay)
    try {
      const answer = await thread.run(job, timeLimit)
      if (answer.end === 'done' || answer.end === 'rejected') this.#give(thread)
      else this.#replace()
      return answer
    } finally {
      clearTimeout(spare)
    }
  }

  /** Stops all threads that are idle, and each other when its job is done. */
  async close(): Promise<void> {
    this.#isClosed = true
    const threads = this.#idle.splice(0)
    if (this.#spare !== undefined) threads.push(this.#spare)
    this.#spare = undefined
    await Promise.all(threads.map((thread) => thread.stop()))
  }

  #take(program: string): Promise<JqThread> {
    if (this.#isClosed) return Promise.reject(new Error('The pool of jq is closed'))
    const same = this.#idle.findIndex((thread) => thread.program === program)
    const [idle] = this.#idle.splice(Math.max(0, same), 1)
    if (idle !== undefined) {
      if (!idle.isGone) return Promise.resolve(idle)
      this.#count--
      return this.#take(program)
    }
    const { promise, resolve, reject } = Promise.withResolvers<JqThread>()
    this.#waiting.push({ resolve, reject })
    if (this.#count < this.#size) this.#grow()
    return promise
  }

  #give(thread: JqThread): void {
    const next = this.#waiting.shift()
    if (next !== undefined) next.resolve(thread)
    else {
      thread.release()
      if (this.#isClosed) void thread.stop()
      else this.#idle.push(thread)
    }
  }

  #replace(): void {
    this.#count--
    if (this.#waiting.length > 0) this.#grow()
  }

  /** Adds a thread, for whoever waits first when it is ready. */
  async #grow(): Promise<void> {
    this.#count++
    try {
      const spare = this.#spare
      this.#spare = undefined
      const thread = spare ?? (await this.#start())
      thread.hold()
      this.#module = await thread.ready
      this.#give(thread)
    } catch (error) {
      this.#count--
      this.#waiting.shift()?.reject(error)
      if (this.#waiting.length > 0 && this.#count === 0) await this.#grow()
    }
  }

  async #startSpare(): Promise<void> {
    if (this.#spare !== undefined || this.#isClosed) return
    const thread = await this.#start()
    if (this.#spare !== undefined || this.#isClosed) return await thread.stop()
    this.#spare = thread
    thread.release()
    // Whoever has taken it gets the error, and nobody else has to.
    await thread.ready.catch(() => {
      if (this.#spare === thread) this.#spare = undefined
    })
  }

  /** The module with the threads is loaded when the first is needed, never for templates that need no jq. */
  async #start(): Promise<JqThread> {
    const { JqThread } = await import('./thread.ts')
    return new JqThread(this.#files ?? findJqFiles(), this.memory, this.#module)
  }
}
