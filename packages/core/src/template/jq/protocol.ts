// What the two threads share for a job of jq.
import type { JqEnd } from './job.ts'

/** Precedes the outputs of a document; JSON never holds it as it is. */
export const documentMark = '\u001e'

/** Takes an output apart into the complete lines of each document. */
export function splitOutput(output: string): string[][] {
  return output
    .split(documentMark)
    .slice(1)
    .map((lines) => lines.split('\n').slice(0, -1))
}

/** What the thread is started with. */
export interface JqWorkerData {
  /** Counters that both sides see at once; its places are {@link JqControl}. */
  control: Int32Array<SharedArrayBuffer>
  /** Growable: the output of the current job. It outlives a thread that had to be stopped. */
  output: SharedArrayBuffer
  /** The path of jq's binary, or the binary compiled if there is one already. */
  binary: string | WebAssembly.Module
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
  /** The thread's CPU time when the current document, or before it the job, began: microseconds, wrapping around. */
  begun: 3,
} as const

/** The length of the control array. */
export const controlLength = 4

/** What the thread says. A job is sent to it as it is. */
export type JqWorkerMessage =
  | { type: 'ready'; module: WebAssembly.Module }
  | { type: 'answer'; end: JqEnd; errors: string; startTime: number; times: number[] }
