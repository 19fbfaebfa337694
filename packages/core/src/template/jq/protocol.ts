// What is asked of jq, what it answers, and what the two threads share for that.

/** One program to run over some documents. */
export interface JqJob {
  program: string
  /** JSON texts without line breaks. None: the program is only compiled. */
  documents: readonly string[]
}

/** What came of a job. */
export interface JqAnswer {
  end: JqEnd
  /** The outputs of each document that is done, each as one line of JSON. */
  outputs: string[][]
  /** The outputs of the document in which jq was stopped, if it had begun one. */
  partial?: string[]
  /** What jq wrote to its standard error; for `crash` and `no-start` the cause. */
  errors: string
  /** Milliseconds of CPU time until the first document began: jq's start and the program's compilation. */
  startTime: number
  /** Milliseconds of CPU time that each document took, the one in which jq was stopped included. */
  times: number[]
}

export type JqEnd =
  /** Every document was processed, or the program ended itself. */
  | 'done'
  /** jq does not accept the program. */
  | 'rejected'
  /** jq was stopped. What it held is lost, and the next job gets a new one. */
  | 'time-limit'
  | 'memory-limit'
  | 'crash'
  /** jq did not come to run the program at all. */
  | 'no-start'

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
