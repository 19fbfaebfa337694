// What lint needs of a GitHub workflow, read from its parsed YAML.
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import type { Path } from '../finding.ts'
import { expressionsIn, type WorkflowExpression } from './expressions.ts'

/** An input of `workflow_dispatch`. */
export interface WorkflowInput {
  name: string
  path: Path
  /** `string` unless it says otherwise. */
  type: string
  isRequired: boolean
  hasDefault: boolean
  options: readonly string[]
}

export interface WorkflowStep {
  path: Path
  id: string | undefined
  uses: string
  run: string
  /** What `with` gives. */
  with: JsonObject
  isConditional: boolean
}

export interface WorkflowJob {
  id: string
  path: Path
  needs: readonly string[]
  /** Text of `if`. */
  condition: string
  steps: readonly WorkflowStep[]
  /** The reusable workflow that it calls. */
  uses: string | undefined
  hasMatrix: boolean
}

export interface Workflow {
  file: string
  /** Undefined if the file is not a workflow. */
  jobs: readonly WorkflowJob[]
  /** Where `on` is; undefined if there is none. */
  onPath: Path | undefined
  events: readonly string[]
  /** The inputs of `workflow_dispatch`, undefined if the workflow does not have this trigger. */
  inputs: ReadonlyMap<string, WorkflowInput> | undefined
  inputsPath: Path
  /** What `workflow_dispatch` holds. */
  dispatch: JsonObject | undefined
  /** Names of all inputs that expressions can read, those of `workflow_call` included, in lower case. */
  readable: ReadonlySet<string>
  expressions: readonly WorkflowExpression[]
  /** Text of `run-name`. */
  runName: string | undefined
  /** Steps of local reusable workflows and composite actions that it calls. */
  calledSteps: readonly WorkflowStep[]
  /** Whether it calls something whose steps are not known, and that can do anything. */
  callsUnknown: boolean
}

/**
 * @param called the workflows and actions of the same repository that workflows call, by their paths:
 *   `.github/workflows/build.yml`, `actions/report`
 * @returns undefined if the document is not a workflow
 */
export function readWorkflow(
  file: string,
  document: Json,
  called: ReadonlyMap<string, Json>,
): Workflow | undefined {
  if (!isJsonObject(document) || !isJsonObject(document.jobs)) return undefined
  const jobs = Object.entries(document.jobs).flatMap(([id, job]) =>
    isJsonObject(job) ? [readJob(id, job, ['jobs', id])] : [],
  )
  // YAML 1.1 takes `on` for true.
  const onKey = ['on', 'true'].find((key) => Object.hasOwn(document, key))
  const on = onKey === undefined ? undefined : document[onKey]
  const dispatch = isJsonObject(on) ? on.workflow_dispatch : undefined
  const events = namesIn(on)
  const reached = new Called(called)
  for (const { uses } of jobs) if (uses !== undefined) reached.workflow(uses)
  for (const { steps } of jobs) reached.steps(steps)
  const runName = document['run-name']
  return {
    file,
    jobs,
    onPath: onKey === undefined ? undefined : [onKey],
    events,
    inputs: events.includes('workflow_dispatch')
      ? readInputs(isJsonObject(dispatch) ? dispatch.inputs : undefined, onKey ?? 'on')
      : undefined,
    inputsPath:
      isJsonObject(dispatch) && isJsonObject(dispatch.inputs)
        ? [onKey ?? 'on', 'workflow_dispatch', 'inputs']
        : isJsonObject(on) && 'workflow_dispatch' in on
          ? [onKey ?? 'on', 'workflow_dispatch']
          : [onKey ?? 'on'],
    dispatch: isJsonObject(dispatch) ? dispatch : undefined,
    readable: new Set(
      [dispatch, isJsonObject(on) ? on.workflow_call : undefined].flatMap((event) =>
        isJsonObject(event) && isJsonObject(event.inputs)
          ? Object.keys(event.inputs).map((name) => name.toLowerCase())
          : [],
      ),
    ),
    expressions: expressionsIn(document),
    runName: typeof runName === 'string' ? runName : undefined,
    calledSteps: reached.found,
    callsUnknown: reached.isUnknown,
  }
}

function readInputs(inputs: Json | undefined, on: string): ReadonlyMap<string, WorkflowInput> {
  if (!isJsonObject(inputs)) return new Map()
  return new Map(
    Object.entries(inputs).map(([name, written]): [string, WorkflowInput] => {
      const input = isJsonObject(written) ? written : {}
      const { type, required, options, default: fallback } = input
      return [
        name,
        {
          name,
          path: [on, 'workflow_dispatch', 'inputs', name],
          type: typeof type === 'string' ? type : 'string',
          isRequired: required === true || required === 'true',
          hasDefault: fallback !== undefined && fallback !== null,
          options: Array.isArray(options) ? options.map(textOf) : [],
        },
      ]
    }),
  )
}

/** As GitHub writes a scalar of YAML. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function readJob(id: string, job: JsonObject, path: Path): WorkflowJob {
  const { uses, strategy } = job
  return {
    id,
    path,
    needs: namesIn(job.needs),
    condition: job.if === undefined || job.if === null ? '' : textOf(job.if),
    steps: readSteps(job.steps, [...path, 'steps']),
    uses: typeof uses === 'string' ? uses : undefined,
    hasMatrix: isJsonObject(strategy) && strategy.matrix !== undefined,
  }
}

function readSteps(steps: Json | undefined, path: Path): WorkflowStep[] {
  if (!Array.isArray(steps)) return []
  return steps.flatMap((step, index) => {
    if (!isJsonObject(step)) return []
    const { id, uses, run, with: inputs } = step
    return [
      {
        path: [...path, index],
        id: typeof id === 'string' ? id : undefined,
        uses: typeof uses === 'string' ? uses.trim() : '',
        run: typeof run === 'string' ? run : '',
        with: isJsonObject(inputs) ? inputs : {},
        isConditional: step.if !== undefined && step.if !== null,
      },
    ]
  })
}

/** `a`, `[a, b]` and `{a: …, b: …}` name the same things. */
function namesIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.map(textOf)
  return isJsonObject(value) ? Object.keys(value) : []
}

/** Follows calls of workflows and actions within the repository. */
class Called {
  readonly found: WorkflowStep[] = []
  isUnknown = false
  readonly #files: ReadonlyMap<string, Json>
  readonly #seen = new Set<string>()

  constructor(files: ReadonlyMap<string, Json>) {
    this.#files = files
  }

  workflow(uses: string): void {
    const path = localPath(uses)
    const document = path === undefined ? undefined : this.#files.get(path)
    if (path === undefined || !isJsonObject(document) || !isJsonObject(document.jobs)) {
      this.isUnknown = true
      return
    }
    if (this.#seen.has(path)) return
    this.#seen.add(path)
    for (const [id, job] of Object.entries(document.jobs)) {
      if (!isJsonObject(job)) continue
      const read = readJob(id, job, [])
      if (read.uses !== undefined) this.workflow(read.uses)
      this.found.push(...read.steps)
      this.steps(read.steps)
    }
  }

  steps(steps: readonly WorkflowStep[]): void {
    for (const { uses } of steps) {
      const path = localPath(uses)
      if (path === undefined) continue
      const document = this.#files.get(path)
      const runs = isJsonObject(document) ? document.runs : undefined
      if (!isJsonObject(runs)) {
        this.isUnknown = true
        continue
      }
      if (this.#seen.has(path)) continue
      this.#seen.add(path)
      const inner = readSteps(runs.steps, [])
      // An action of JavaScript or a container can do anything.
      if (!Array.isArray(runs.steps)) this.isUnknown = true
      this.found.push(...inner)
      this.steps(inner)
    }
  }
}

/** The path of something in the same repository: `./actions/report` is `actions/report`. */
export function localPath(uses: string): string | undefined {
  if (!uses.startsWith('./')) return undefined
  return uses.slice(2).replace(/\/+$/, '')
}
