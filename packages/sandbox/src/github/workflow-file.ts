import { parse, YAMLParseError } from 'yaml'
import { isRecord } from '../is-record.ts'

export interface WorkflowInput {
  required: boolean
  type: string
  default: string | undefined
  options: readonly string[]
}

export interface WorkflowStep {
  name: string
  if: string | undefined
}

export interface WorkflowJob {
  id: string
  name: string
  needs: readonly string[]
  if: string | undefined
  steps: readonly WorkflowStep[]
}

export interface Workflow {
  name: string | undefined
  runName: string | undefined
  /** The declared inputs by name. `undefined` if the workflow has no `workflow_dispatch` trigger. */
  inputs: ReadonlyMap<string, WorkflowInput> | undefined
  jobs: readonly WorkflowJob[]
}

export class WorkflowFileError extends Error {
  override readonly name = 'WorkflowFileError'
}

/**
 * Parses what the sandbox needs of a workflow file: the inputs of `workflow_dispatch`, and the jobs
 * and steps in order. Does not expand matrices or follow called workflows.
 *
 * @throws WorkflowFileError if the file is not YAML, or a job needs a job that does not exist
 */
export function parseWorkflow(content: string): Workflow {
  const file = parseYaml(content)
  if (!isRecord(file)) throw new WorkflowFileError('expected a workflow with `on` and `jobs`')
  const jobs = Object.entries(isRecord(file.jobs) ? file.jobs : {}).map(([id, job]) =>
    parseJob(id, isRecord(job) ? job : {}),
  )
  for (const [index, { id, needs }] of jobs.entries())
    for (const need of needs)
      if (!jobs.slice(0, index).some((job) => job.id === need))
        throw new WorkflowFileError(`job ${id} needs ${need}, which is not a job above it`)
  return {
    name: text(file.name),
    runName: text(file['run-name']),
    inputs: dispatchInputs(file.on),
    jobs,
  }
}

function parseYaml(content: string): unknown {
  try {
    return parse(content)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    throw new WorkflowFileError(error.message, { cause: error })
  }
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value)
}

function dispatchInputs(on: unknown): Map<string, WorkflowInput> | undefined {
  const listens = isRecord(on)
    ? 'workflow_dispatch' in on
    : [on].flat().includes('workflow_dispatch')
  if (!listens) return undefined
  const trigger = isRecord(on) && isRecord(on.workflow_dispatch) ? on.workflow_dispatch : {}
  return new Map(
    Object.entries(isRecord(trigger.inputs) ? trigger.inputs : {}).map(([name, input]) => {
      const given = isRecord(input) ? input : {}
      return [
        name,
        {
          required: given.required === true,
          type: text(given.type) ?? 'string',
          default: text(given.default),
          options: Array.isArray(given.options) ? given.options.map(String) : [],
        },
      ]
    }),
  )
}

function parseJob(id: string, job: Record<string, unknown>): WorkflowJob {
  const steps = Array.isArray(job.steps) ? job.steps.filter(isRecord) : []
  return {
    id,
    name: text(job.name) ?? id,
    needs: [job.needs ?? []].flat().map(String),
    if: text(job.if),
    steps: steps.map((step) => ({ name: stepName(step), if: text(step.if) })),
  }
}

/** A step without a name is called "Run" and what it runs, as in GitHub's user interface. */
function stepName(step: Record<string, unknown>): string {
  const runs = text(step.uses) ?? text(step.run)?.split('\n', 1)[0] ?? ''
  return text(step.name) ?? `Run ${runs}`
}

/** Replaces `${{ inputs.name }}` with input values. Other expressions stay unchanged. */
export function fillInputs(template: string, inputs: Readonly<Record<string, string>>): string {
  return template.replaceAll(
    /\$\{\{\s*(?:github\.event\.)?inputs\.([\w-]+)\s*\}\}/g,
    (_, name: string) => inputs[name] ?? '',
  )
}
