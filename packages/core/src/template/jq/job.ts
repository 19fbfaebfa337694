// What is requested of jq, and its response. Apart from the protocol of the threads, whose types need WebAssembly's, which
// a consumer of the published types does not have.

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
