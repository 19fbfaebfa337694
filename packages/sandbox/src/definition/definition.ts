/**
 * What a sandbox serves, as plain data that can be written as YAML or JSON.
 * All durations are in seconds, and are divided by `speed` of `startSandbox`.
 */
export interface SandboxDefinition {
  port?: PortDefinition
  github?: GitHubDefinition
  gitlab?: GitLabDefinition
}

/** A definition that contains every service. */
export type CompleteDefinition = Required<SandboxDefinition>

export type Scalar = string | number | boolean

/** Each named input or variable must have the value, or one of the values. */
export type Condition = Readonly<Record<string, Scalar | readonly Scalar[]>>

export interface PortDefinition {
  organization: string
  credentials: readonly PortCredentials[]
  /** Lifetime of an access token in seconds. Default: 3 hours, as in Port. */
  tokenLifetime?: number
  /** What `GET /v1/kafka-credentials` gives; without it the organization has no Kafka. */
  kafka?: { brokers: readonly string[]; username: string; password: string }
  actions?: readonly PortAction[]
  /** Runs that exist when the sandbox starts, with fixed IDs for use in examples. */
  runs?: readonly PortRunSeed[]
  /** Workflow node runs that exist when the sandbox starts. One that is only named is ended by whoever reports on it. */
  nodeRuns?: readonly (string | PortNodeRunSeed)[]
}

/** A node run of a workflow that an agent or an integration can claim. */
export interface PortNodeRunSeed {
  /** `wfnr_…` */
  identifier: string
  /** The identifier of its node in the workflow. */
  node?: string
  /** What the node executes, as the workflow has it. Its templates see `.workflowNodeRun` and `.secrets.SANDBOX_URL`. */
  config?: Readonly<Record<string, unknown>>
}

export interface PortCredentials {
  clientId: string
  clientSecret: string
}

/** An action as Port's API stores it. The sandbox reads the user inputs of its trigger. */
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
   * How the server handles `return_run_details`: it returns the IDs of the run, ignores the key (204), or
   * refuses it as unknown (422), like different versions of GitHub Enterprise Server.
   */
  runDetails?: 'supported' | 'unsupported' | 'refused'
  /** Number of requests per hour and token. Default: 5,000. */
  rateLimit?: number
  /** Seconds until a new run appears in lists. GitHub's lists lag behind a dispatch. */
  listDelay?: number
  repositories: readonly RepositoryDefinition[]
}

export interface GitHubToken {
  token: string
  /** Permission for Actions. Default: `write`. */
  permission?: 'read' | 'write'
  /** Full names of the repositories that the token can read. Default: all repositories. */
  repositories?: readonly string[]
}

export interface RepositoryDefinition {
  /** Full name, `owner/repository`. */
  name: string
  id: number
  ownerId: number
  defaultBranch?: string
  /** Branches in addition to the default branch. */
  branches?: readonly string[]
  tags?: readonly string[]
  /** Workflows by their file name in `.github/workflows`. */
  workflows: Readonly<Record<string, WorkflowDefinition>>
}

export interface WorkflowDefinition {
  /** The text of a workflow file. The sandbox reads its inputs, jobs and steps. */
  content: string
  state?: 'active' | 'disabled_manually'
  plan?: WorkflowPlan
}

export interface WorkflowPlan {
  /** Seconds in the status `queued`. */
  queued?: number
  /** How long steps take and when they fail, by step name. */
  steps?: Readonly<Record<string, StepPlan>>
  /** The first ending whose condition holds overrides the result of the steps. */
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
  /** Seconds after the dispatch. Default: when the last job ends. */
  after?: number
  /** A conclusion completes the run. */
  conclusion?: string
  /** A status without a conclusion: the run stays in this status, for example `waiting`. */
  status?: string
}

export interface GitLabDefinition {
  accessTokens: readonly GitLabAccessToken[]
  projects: readonly ProjectDefinition[]
}

export interface GitLabAccessToken {
  token: string
  /** Default: `api`. With `read_api`, the token cannot start or cancel pipelines. */
  scope?: 'api' | 'read_api'
  /** Full paths of the projects that the token can read. Default: all projects. */
  projects?: readonly string[]
}

export interface ProjectDefinition {
  /** Full path, `group/subgroup/project`. */
  path: string
  id: number
  defaultBranch?: string
  /** Branches in addition to the default branch. */
  branches?: readonly string[]
  tags?: readonly string[]
  triggerTokens: readonly string[]
  /** `refused` is GitLab's setting "Minimum role to use pipeline variables: No one allowed". */
  pipelineVariables?: 'allowed' | 'refused'
  /** `spec:inputs` of the pipeline configuration. */
  inputs?: Readonly<Record<string, PipelineInput>>
  stages: readonly string[]
  jobs: readonly JobDefinition[]
  /** Seconds from creation to the first running job. */
  queued?: number
  /** The first ending whose condition holds overrides the result of the jobs. */
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
  /** The rules of the job. Without a match, the job is not added to the pipeline. */
  runWhen?: Condition
  failWhen?: Condition
  /** Lines that the job prints. */
  log?: readonly string[]
}

export interface PipelineEnding {
  when?: Condition
  /** Seconds after the pipeline is created. Default: when the last job ends. */
  after?: number
  status: string
}
