/** What jq may use, in bytes. */
export interface MemoryLimits {
  /** Its WebAssembly memory, its program and the context included. */
  heap: number
  /** What it may write for one job. */
  output: number
}

const mebibyte = 1024 * 1024

/** Enough for a context of several megabytes; a process that renders stays well below 512 MB. */
export const memoryLimits: MemoryLimits = { heap: 128 * mebibyte, output: 32 * mebibyte }
