/**
 * What a sandbox serves, as plain data: it can be written as YAML or JSON.
 * All durations are seconds; `startSandbox({ speed })` divides them.
 */
export interface SandboxDefinition {
  port?: PortDefinition
  github?: GitHubDefinition
  gitlab?: GitLabDefinition
}

/** A definition in which every service is present. */
export type CompleteDefinition = Required<SandboxDefinition>

export type Scalar = string | number | boolean

/** Each named input or variable must have the value, or one of the values. */
export type Condition = Readonly<Record<string, Scalar | readonly Scalar[]>>

export interface PortDefinition {
  organization: string
  credentials: readonly PortCredentials[]
  /** Seconds until an access token expires; 3 hours unless given, as Port's. */
  tokenLifetime?: number
  actions?: readonly PortAction[]
  /** Runs that exist from the start, with ids that can be written into examples. */
  runs?: readonly PortRunSeed[]
}

export interface PortCredentials {
  clientId: string
  clientSecret: string
}

/** An action as Port's API stores it; the sandbox reads the user inputs of its trigger. */
export interface PortAction {
  identifier: string
  title?: string
  trigger: Readonly<Record<string, unknown>>
  invocationMethod: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

export interface PortRunSeed {
  id: string
  action: string
  properties?: Readonly<Record<string, unknown>>
  /** Identifier of the entity that the action was started on. */
  entity?: string
}

export interface GitHubDefinition {
  tokens: readonly GitHubToken[]
  /**
   * What the server makes of `return_run_details`: answers with the run's ids, ignores it (204), or
   * refuses it as a key it does not know (422), as Enterprise Servers of different ages do.
   */
  runDetails?: 'supported' | 'unsupported' | 'refused'
  /** Requests per hour and token; 5,000 unless given. */
  rateLimit?: number
  /** Seconds until a new run shows up in lists; GitHub's lists lag behind a dispatch. */
  listDelay?: number
  repositories: readonly RepositoryDefinition[]
}

export interface GitHubToken {
  token: string
  /** What it may do with Actions; `write` unless given. */
  permission?: 'read' | 'write'
  /** Full names of the repositories it can see; all of them unless given. */
  repositories?: readonly string[]
}

export interface RepositoryDefinition {
  /** Full name, `owner/repository`. */
  name: string
  id: number
  ownerId: number
  defaultBranch?: string
  /** Branches and tags besides the default branch. */
  branches?: readonly string[]
  tags?: readonly string[]
  /** By file name in `.github/workflows`. */
  workflows: Readonly<Record<string, WorkflowDefinition>>
}

export interface WorkflowDefinition {
  /** The text of a real workflow file: its inputs, jobs and steps are read from it. */
  content: string
  state?: 'active' | 'disabled_manually'
  plan?: WorkflowPlan
}

export interface WorkflowPlan {
  /** Seconds in status `queued`. */
  queued?: number
  /** By step name: how long it takes and when it fails. */
  steps?: Readonly<Record<string, StepPlan>>
  /** The first whose condition holds replaces the ending that the steps lead to. */
  endings?: readonly WorkflowEnding[]
}

export interface StepPlan {
  seconds?: number
  failWhen?: Condition
  /** Lines that the step prints. */
  log?: readonly string[]
}

export interface WorkflowEnding {
  when?: Condition
  /** Seconds after the dispatch; at the natural end unless given. */
  after?: number
  /** A conclusion completes the run. */
  conclusion?: string
  /** A status without a conclusion is one in which the run stays, e.g. `waiting`. */
  status?: string
}

export interface GitLabDefinition {
  accessTokens: readonly GitLabAccessToken[]
  projects: readonly ProjectDefinition[]
}

export interface GitLabAccessToken {
  token: string
  /** `api` unless given; `read_api` cannot start or cancel pipelines. */
  scope?: 'api' | 'read_api'
  /** Full paths of the projects it can see; all of them unless given. */
  projects?: readonly string[]
}

export interface ProjectDefinition {
  /** Full path, `group/subgroup/project`. */
  path: string
  id: number
  defaultBranch?: string
  /** Branches and tags besides the default branch. */
  branches?: readonly string[]
  tags?: readonly string[]
  triggerTokens: readonly string[]
  /** `refused` is the setting "minimum role to use pipeline variables: no one allowed". */
  pipelineVariables?: 'allowed' | 'refused'
  /** `spec:inputs` of the pipeline configuration. */
  inputs?: Readonly<Record<string, PipelineInput>>
  stages: readonly string[]
  jobs: readonly JobDefinition[]
  /** Seconds from creation to the first running job. */
  queued?: number
  /** The first whose condition holds replaces the ending that the jobs lead to. */
  endings?: readonly PipelineEnding[]
}

export interface PipelineInput {
  default?: Scalar
  options?: readonly Scalar[]
}

export interface JobDefinition {
  name: string
  stage: string
  seconds?: number
  when?: 'on_success' | 'on_failure' | 'always' | 'manual'
  allowFailure?: boolean
  /** The job's rules: without a match it is not part of the pipeline. */
  runWhen?: Condition
  failWhen?: Condition
  /** Lines that the job prints. */
  log?: readonly string[]
}

export interface PipelineEnding {
  when?: Condition
  /** Seconds after creation; at the natural end unless given. */
  after?: number
  status: string
}
