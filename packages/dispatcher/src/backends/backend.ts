// What the flow and a backend say to each other, as values.
import type { Json, JsonObject, Phrase } from '@port-dispatch/core'
import type { FailedJob, Outcome } from '@port-dispatch/core/run'

/** What will be started, after every check that can be made before something is sent. */
export interface Plan {
  /** The invocation method: `GITHUB`, `GITLAB`, … */
  type: string
  /** The backend's name for people: `GitHub`. */
  backend: string
  /** What is started, as people write it: `acme/services/deploy.yml`, `group/project`. */
  target: string
  /** The branch or tag, where the backend has them. */
  ref?: string
  /** What will be sent, for people: no credentials. */
  preview: JsonObject
  /** What the user should know before it is sent: a null that becomes the text "null". */
  notes: string[]
  /** What is dangerous about sending it. */
  warnings?: string[]
  /** Whether the Port run ends when what was started ends (`reportWorkflowStatus`). */
  endsPortRun: boolean
  /** A page where what was started can be found by a person. */
  page?: string
  /** Starting it twice does the same as starting it once. */
  isRepeatable?: boolean
  /** The label of the Port run while it is started. Default: `Starting on {backend}`. */
  startLabel?: string
  /** What is said of a start whose response was lost. Default: `It is unknown whether {target} was started.` */
  unsettled?: string
  /**
   * Starts it, once. A request that was sent is waited for after an abort too, for a few seconds.
   *
   * @throws BackendError: with effect `none` nothing was started, with `unknown` that cannot be known
   */
  start(signal?: AbortSignal): Promise<Started>
  /** Only where runs can be looked at and followed with the credentials that were given. */
  runs?: Runs
}

/** What came of a start. */
export type Started =
  | { type: 'run'; run: RunRef }
  /** A run was started, and the response does not say which. */
  | { type: 'unnamed' }
  /** The receiver has it and reports the end; the Port run stays open. */
  | { type: 'accepted'; message: string; exchange?: Exchange }
  /** It was done at once (`synchronized`). A webhook responded with `httpStatus` and perhaps a body: JSON or text. */
  | {
      type: 'ended'
      outcome: Outcome
      message: string
      httpStatus?: number
      response?: Json
      exchange?: Exchange
    }

/** A request and its response, as they were on the wire. They hold credentials. */
export interface Exchange {
  request: { url: string; method: string; headers: Record<string, string>; body?: string }
  response: { status: number; headers: Record<string, string>; text: string }
}

/** A run of a workflow or pipeline. */
export interface RunRef {
  id: string
  url?: string
  /** In the form of Port's own integrations. */
  externalRunId?: string
}

/** The runs of what a plan starts. Every method throws BackendError if the backend cannot be read. */
export interface Runs {
  /** Looks for the run that a start may have made. */
  find(search: Search, signal?: AbortSignal): Promise<Found>
  /**
   * The run that an external run id names, or the address of a page, if it is one of what the plan starts; undefined if it
   * is not. That the backend does not show it is no proof: lists and replicas lag, so that is a BackendError (404).
   *
   * @param since milliseconds since the epoch, by our clock: a run that was made before is not it. Default: any time.
   */
  refOf(
    name: string,
    options?: { since?: number; signal?: AbortSignal | undefined },
  ): Promise<RunRef | undefined>
  read(run: RunRef, signal?: AbortSignal): Promise<RunState>
  /** The jobs that made a run fail, the first in time first. */
  failedJobs(run: RunRef, signal?: AbortSignal): Promise<FailedJob[]>
  /** What the run is at, for people: the first job that runs. Undefined if none does. */
  currentJob(run: RunRef, signal?: AbortSignal): Promise<CurrentJob | undefined>
  /** Cancels a run. Cancelling one that has ended is not an error. */
  cancel(run: RunRef, signal?: AbortSignal): Promise<void>
  /**
   * How long after the response to a start, or its failure, the run can still appear.
   *
   * @returns milliseconds
   */
  appearsWithin(started: 'unnamed' | 'lost'): number
  /**
   * How long after a start was over `find` can prove that it made no run. Milliseconds; missing where that is never
   * certain.
   */
  readonly absentAfter?: number
  /** What to do if the credentials were accepted at first and then no longer. */
  readonly expired: Phrase
}

/** A job that runs, and the step that it is at, where the backend has steps. */
export interface CurrentJob {
  job: string
  step?: string
}

/** What a run is looked for by. Times are milliseconds since the epoch, by our clock. */
export interface Search {
  portRunId: string | undefined
  /** When the request was sent. */
  sent: number
  /** When its response came, or was given up. */
  answered: number
  /** The run that the Port run had before: an earlier one, which carries the same Port run id. */
  externalRunIdBefore?: string | undefined
  /** Whether it shall be proved that there is none, which can take more requests. */
  isProof?: boolean
}

/** What a look at the backend's runs shows. */
export interface Found {
  /** The run that carries our Port run id. */
  ours?: RunRef
  /** Whether runs of this kind carry Port run ids, so that one without ours is not ours. */
  marked: boolean
  /** Whether every run since the start was seen: what is not among the candidates does not exist. */
  isWhole: boolean
  /** Every run since the start was looked at, and none can be ours. Asked for by `isProof`. */
  isAbsent?: true
  /** Runs without any Port run id that were made while ours was, and could be it. */
  candidates: RunRef[]
}

/** What a backend says of a run at one moment. */
export interface RunState {
  /** The backend's own word: `in_progress`, `running`, … */
  status: string
  /** The backend's own word for how the run ended, once it has. */
  conclusion?: string
  /** Once the run has ended. */
  outcome?: Outcome
  /** Why it failed, in the backend's own words, where it says. */
  reason?: string
  url: string
  /** In the form of Port's own integrations. */
  externalRunId?: string
  /** Set while the run waits for a person. */
  waitsForPerson?: true
}
