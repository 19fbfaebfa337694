import type { Outcome } from '@port-dispatch/core/run'
import type { BackendError } from './backend-error.ts'

/** What a dispatch will send, after every check that can be made before sending. */
export interface Plan {
  /** What is dispatched, as people write it: `acme/services/deploy.yml`, `group/project`. */
  target: string
  /** Branch or tag. */
  ref: string
  /** Inputs of the workflow or variables of the pipeline, as they will be sent. */
  values: Readonly<Record<string, string>>
  /** A page where the runs of the target can be looked at. */
  page: string
}

/** What a backend answered to a start. */
export type Started =
  | { type: 'named'; run: CiRun }
  /** It was accepted, and the answer does not say which run it became. */
  | { type: 'unnamed' }

/** A workflow run or pipeline that was started. */
export interface CiRun {
  id: number
  url: string
  /** In the form of Port's own integrations, if the backend's answer told enough to make it. */
  externalRunId?: string
}

/** When a run must have been created to be the one that was asked for; milliseconds since the epoch, by our clock. */
export interface StartWindow {
  since: number
  until: number
  /** The Port run that the start was for. */
  runId?: string | undefined
}

/** What a backend says of a run at one moment. */
export interface RunState {
  /** The backend's own word: `in_progress`, `running`, … */
  status: string
  /** The backend's own word for how the run ended, once it has. */
  conclusion?: string
  /** Once the run has ended. */
  outcome?: Outcome
  url: string
  /** In the form of Port's own integrations. */
  externalRunId?: string
  /** Set while the run waits for a person. */
  waitsForPerson?: true
}

/** A job that failed, with the first of its steps that did, where the backend has steps. */
export interface FailedJob {
  name: string
  step?: string
  url?: string
}

/** One CI system, prepared for one dispatch. All backends have this shape. */
export interface Backend {
  readonly name: 'GitHub' | 'GitLab'
  /** Whether runs can be followed with the credentials that were given. */
  readonly canRead: boolean
  /** Whether the answer to a start is known to name the run. */
  readonly namesRuns: boolean
  /**
   * Checks and completes what will be sent. Reads at most.
   *
   * @throws InputError if the values cannot be sent, BackendError if the backend refuses the reading
   */
  plan(): Promise<Plan>
  /**
   * Asks once for the run to be started.
   *
   * @throws BackendError if it did not start, or if it is unknown whether it did
   */
  start(plan: Plan): Promise<Started>
  /**
   * Looks for runs that a start may have made, the likeliest first. Other dispatches may have made some of them.
   *
   * @returns undefined if the backend cannot tell
   * @throws BackendError if it cannot be asked
   */
  findStarted(plan: Plan, window: StartWindow): Promise<CiRun[] | undefined>
  /**
   * How long after the answer to a start, or its failure, the run can still appear.
   *
   * @returns milliseconds
   */
  appearsWithin(failure: BackendError | undefined): number
  /** @throws BackendError if the state cannot be read */
  read(run: CiRun): Promise<RunState>
  /** The jobs that made a run fail; empty if the backend does not tell. */
  failedJobs(run: CiRun): Promise<FailedJob[]>
  /** Asks the backend to cancel a run. Cancelling one that has ended is no error. */
  cancel(run: CiRun): Promise<void>
}
