// What jq needs from the machine: files and memory.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** What jq may use, in bytes. */
export interface JqMemory {
  /** Its WebAssembly memory, its program and the context included. */
  heap: number
  /** What it may write for one job. */
  output: number
}

/** Where the thread's program and jq's binary are. */
export interface JqFiles {
  /** The thread's program, a JavaScript file. */
  worker: URL
  /** `jq.wasm` of the package jq-wasm. */
  wasm: URL
}

/** The thread's files: beside the sources, in the package, or beside the bundle that this module is part of. */
export function findJqFiles(): JqFiles {
  // Bundlers replace `new URL(…, import.meta.url)` by a copy of the file, and a copy of the thread's program would lack
  // what it imports. They also leave `import.meta.resolve` as it is, which has no meaning in CommonJS.
  const here = import.meta.url
  const worker = new URL(`worker${here.slice(here.lastIndexOf('.'))}`, here)
  if (!existsSync(worker)) {
    return { worker: new URL('jq-worker.cjs', here), wasm: new URL('jq.wasm', here) }
  }
  const { resolve } = createRequire(here)
  return { worker, wasm: pathToFileURL(resolve('jq-wasm/jq.wasm')) }
}
