// What the thread that runs jq and the thread that asks for it share.
import type { JqEnd } from './jq-job.ts'

/** What the thread is started with. */
export interface JqWorkerData {
  /** Counters that both sides see at once; its places are {@link JqControl}. */
  control: Int32Array<SharedArrayBuffer>
  /** Growable: the output of the current job. It outlives a thread that had to be stopped. */
  output: SharedArrayBuffer
  /** The compiled binary, if there is one already. */
  module: WebAssembly.Module | undefined
  /** Bytes of WebAssembly memory. */
  memoryLimit: number
}

/** The places in the control array. */
export const JqControl = {
  /** Changed to wake the thread. */
  wake: 0,
  /** How many documents of the job were begun. */
  documents: 1,
  /** How many bytes of output there are. */
  bytes: 2,
} as const

/** The length of the control array. */
export const controlLength = 3

/** What the thread tells. A job is sent to it as it is. */
export type JqWorkerMessage =
  | { type: 'ready'; module: WebAssembly.Module }
  | { type: 'answer'; end: JqEnd; errors: string }
