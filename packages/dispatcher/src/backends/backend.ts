import type { Outcome } from '@port-dispatch/core/run'

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

/** A workflow run or pipeline that was started. */
export interface CiRun {
  id: number
  url: string
  /** In the form of Port's own integrations, if the backend's answer told enough to make it. */
  externalRunId?: string
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
  /**
   * Checks and completes what will be sent. Reads at most.
   *
   * @throws InputError if the values cannot be sent, BackendError if the backend refuses the reading
   */
  plan(): Promise<Plan>
  /**
   * Starts the run, once.
   *
   * @throws BackendError if it did not start, or if it is unknown whether it did
   */
  start(plan: Plan): Promise<CiRun>
  /** @throws BackendError if the state cannot be read */
  read(run: CiRun): Promise<RunState>
  /** The jobs that made a run fail; empty if the backend does not tell. */
  failedJobs(run: CiRun): Promise<FailedJob[]>
  /** Asks the backend to cancel a run. Cancelling one that has ended is no error. */
  cancel(run: CiRun): Promise<void>
}
