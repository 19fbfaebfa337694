// What is asked of jq, and what it answers; the two sides may be in different threads.

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
  /** The outputs of the document in which jq was stopped, if it is known how far it came. */
  partial?: string[]
  /** What jq wrote to its standard error; for `crash` how it crashed. */
  errors: string
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

/** Something that runs jq, one job at a time. */
export interface JqHost {
  /**
   * @param timeLimit milliseconds for each document
   * @throws if jq cannot be started
   */
  run(job: JqJob, timeLimit: number): Promise<JqAnswer>
}

/** Precedes the outputs of a document; JSON never holds it as it is. */
export const documentMark = '\u001e'

/** Takes an output apart into the complete lines of each document. */
export function splitOutput(output: string): string[][] {
  return output
    .split(documentMark)
    .slice(1)
    .map((lines) => lines.split('\n').slice(0, -1))
}
