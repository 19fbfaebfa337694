// Runs jq-wasm as a process that reads documents from one side and writes lines to the other.
//
// jq needs 0.85 ms to start and a few microseconds per document, so an engine keeps a program running
// for as long as its source has documents for it. jq-wasm itself offers only whole calls; the
// engine replaces the functions by which jq reads, writes, grows its memory and sees its environment.
import type { Jq } from 'jq-wasm'

type Import = (...args: number[]) => unknown
type LoadJq = typeof import('jq-wasm').loadJq

/** Where a program's input comes from and its output goes to. */
export interface JqStreams {
  /** The next document as a line of JSON, or undefined at the end. Called when the one before is done. */
  read: () => string | undefined
  /** Takes a piece of output. What it throws ends the program and the engine with it. */
  write: (bytes: Uint8Array) => void
}

/** jq asked for more memory than it may have. The engine is unusable afterwards. */
export class JqMemoryError extends Error {
  override readonly name = 'JqMemoryError'
}

const maxErrorBytes = 64 * 1024

export class JqEngine {
  readonly #memoryLimit: number
  readonly #encoder = new TextEncoder()
  #jq: Jq | undefined
  #memory = new WebAssembly.Memory({ initial: 0 })
  #streams: JqStreams = { read: () => undefined, write: () => {} }
  #pending = new Uint8Array(0)
  #errors: Uint8Array[] = []
  #errorBytes = 0
  #isOutOfMemory = false

  private constructor(memoryLimit: number) {
    this.#memoryLimit = memoryLimit
  }

  /**
   * @param loadJq jq-wasm's
   * @param module its compiled binary
   * @param memoryLimit bytes of WebAssembly memory
   */
  static async load(
    loadJq: LoadJq,
    module: WebAssembly.Module,
    memoryLimit: number,
  ): Promise<JqEngine> {
    const engine = new JqEngine(memoryLimit)
    engine.#jq = await loadJq({
      instantiateWasm: (imports, onSuccess) => {
        const instance = new WebAssembly.Instance(module, engine.#replaceImports(imports))
        const memory = Object.values(instance.exports).find((e) => e instanceof WebAssembly.Memory)
        if (memory === undefined) throw new Error('jq-wasm exports no memory')
        engine.#memory = memory
        onSuccess(instance, module)
      },
    })
    return engine
  }

  /**
   * Runs a program until its documents end.
   *
   * @returns jq's exit code: 0, 3 for a program that it does not accept, 5 after an error
   * @throws what jq's crash, its memory limit or a stream threw; the engine is unusable then
   */
  run(program: string, streams: JqStreams): number {
    this.#streams = streams
    this.#pending = new Uint8Array(0)
    this.#isOutOfMemory = false
    try {
      return this.#jq?.raw('', program, ['-c']).exitCode ?? 0
    } catch (error) {
      throw this.#isOutOfMemory ? new JqMemoryError('jq is out of memory', { cause: error }) : error
    }
  }

  /** What jq wrote to its standard error since this was last called. */
  takeErrors(): string {
    const errors = Buffer.concat(this.#errors).toString().trim()
    this.#errors = []
    this.#errorBytes = 0
    return errors
  }

  #replaceImports(imports: WebAssembly.Imports): WebAssembly.Imports {
    const missing = new Set(Object.keys(this.#replacements))
    const replaced = Object.entries(imports).map(([module, values]) => {
      const entries = Object.entries(values).map(([key, value]) => {
        if (typeof value !== 'function') return [key, value]
        missing.delete(value.name)
        return [key, this.#replacements[value.name]?.(value) ?? value]
      })
      return [module, Object.fromEntries(entries)]
    })
    // The names are not part of jq-wasm's interface, one reason for depending on an exact version.
    if (missing.size > 0) throw new Error(`jq-wasm was built without ${[...missing].join(', ')}`)
    return Object.fromEntries(replaced)
  }

  /** By the name of a function that jq imports. */
  readonly #replacements: Record<string, (original: Import) => Import> = {
    _fd_read:
      () =>
      (_fd = 0, vectors = 0, count = 0, result = 0) =>
        this.#read(vectors, count, result),
    _fd_write:
      () =>
      (fd = 0, vectors = 0, count = 0, result = 0) =>
        this.#write(fd, vectors, count, result),
    _environ_get: () => () => 0,
    _environ_sizes_get:
      () =>
      (count = 0, size = 0) => {
        const view = new DataView(this.#memory.buffer)
        view.setUint32(count, 0, true)
        view.setUint32(size, 0, true)
        return 0
      },
    _emscripten_resize_heap:
      (original) =>
      (size = 0) =>
        this.#mayGrow(size) && original(size),
    // The original prints before it throws.
    __abort_js: () => () => {
      throw new Error('jq aborted')
    },
  }

  #mayGrow(size: number): boolean {
    if (size >>> 0 <= this.#memoryLimit) return true
    this.#isOutOfMemory = true
    return false
  }

  #read(vectors: number, count: number, result: number): number {
    if (this.#pending.length === 0) {
      const document = this.#streams.read()
      this.#pending = this.#encoder.encode(document === undefined ? '' : `${document}\n`)
    }
    let total = 0
    for (const target of this.#vectors(vectors, count)) {
      const piece = this.#pending.subarray(0, target.length)
      target.set(piece)
      this.#pending = this.#pending.subarray(piece.length)
      total += piece.length
    }
    new DataView(this.#memory.buffer).setUint32(result, total, true)
    return 0
  }

  #write(fd: number, vectors: number, count: number, result: number): number {
    let total = 0
    for (const bytes of this.#vectors(vectors, count)) {
      total += bytes.length
      if (fd === 1) this.#streams.write(bytes)
      else if (fd === 2 && this.#errorBytes < maxErrorBytes) {
        this.#errorBytes += bytes.length
        this.#errors.push(bytes.slice())
      }
    }
    new DataView(this.#memory.buffer).setUint32(result, total, true)
    return 0
  }

  *#vectors(address: number, count: number): Generator<Uint8Array> {
    const { buffer } = this.#memory
    const view = new DataView(buffer)
    for (let i = 0; i < count; i++) {
      const start = view.getUint32(address + 8 * i, true)
      yield new Uint8Array(buffer, start, view.getUint32(address + 8 * i + 4, true))
    }
  }
}
