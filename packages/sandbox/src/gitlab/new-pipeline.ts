import type { ProjectDefinition } from '../definition/definition.ts'
import { nestFields, parseBody } from '../exchange.ts'
import { isRecord } from '../is-record.ts'
import { type NewPipeline, type PipelineVariable, valuesOf } from './pipeline-store.ts'
import { matchingJobs } from './planned-jobs.ts'
import { refuse, refuseParameters, refusePipeline } from './refuse.ts'

/** The parameters of a request from its query and its body, which can be JSON or a form. */
export async function parametersOf(request: Request): Promise<Record<string, unknown>> {
  const query = nestFields([...new URL(request.url).searchParams])
  const body = await parseBody(request)
  return { ...query, ...(isRecord(body) ? body : {}) }
}

/** `variables` of the trigger API: a map of strings. */
export function triggerVariables(
  given: unknown,
  payload: Record<string, unknown>,
): PipelineVariable[] {
  if (given !== undefined && !isRecord(given)) refuseParameters('variables is invalid')
  const variables = Object.entries(given ?? {}).map(([key, value]) => {
    if (typeof value !== 'string')
      return refuse(400, 'variables needs to be a map of key-valued strings')
    return { key, value, variable_type: 'env_var' as const }
  })
  // GitLab saves the parameters of the request, without the token, in a file variable.
  const { token: _, ...kept } = payload
  return [
    ...variables,
    { key: 'TRIGGER_PAYLOAD', value: JSON.stringify(kept), variable_type: 'file' },
  ]
}

/** `variables` of the pipelines API: a list of keys and values. */
export function listedVariables(given: unknown): PipelineVariable[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) return refuseParameters('variables is invalid')
  return given.map((entry: unknown, index) => {
    const at = `variables[${index}]`
    if (!isRecord(entry)) return refuseParameters('variables is invalid')
    const { key, value, variable_type: type = 'env_var' } = entry
    if (typeof key !== 'string') return refuseParameters(`${at}[key] is missing`)
    if (typeof value === 'object') return refuseParameters(`${at}[value] is invalid`)
    if (type !== 'env_var' && type !== 'file')
      return refuseParameters(`${at}[variable_type] does not have a valid value`)
    return { key, value: String(value ?? ''), variable_type: type }
  })
}

/** Checks, in the same order as GitLab, the ref, the variables, the inputs, and that there is a job to run. */
export function checkPipeline(
  project: ProjectDefinition,
  given: { ref: string; inputs: unknown; variables: readonly PipelineVariable[] },
  source: NewPipeline['source'],
): NewPipeline {
  const { defaultBranch = 'main', branches = [], tags = [] } = project
  const ref = given.ref.replace(/^refs\/(heads|tags)\//, '')
  const tag = tags.includes(ref)
  if (!tag && ref !== defaultBranch && !branches.includes(ref))
    refusePipeline('Reference not found')

  const own = given.variables.filter(({ key }) => key !== 'TRIGGER_PAYLOAD')
  if (own.length > 0 && project.pipelineVariables === 'refused')
    refusePipeline('Insufficient permissions to set pipeline variables')
  if (own.some(({ key }) => !/^\w+$/.test(key)))
    refuse(400, { 'variables.key': ["can contain only letters, digits and '_'."] })
  const keys = own.map(({ key }) => key)
  const repeated = keys.filter((key, index) => keys.indexOf(key) !== index)
  if (repeated.length > 0)
    refuse(400, { variables: [`have duplicate values (${repeated.join(', ')})`] })

  const inputs = checkInputs(project, given.inputs)
  const pipeline: NewPipeline = { ref, tag, source, variables: given.variables, inputs }
  if (matchingJobs(project, valuesOf(pipeline)).length === 0)
    refusePipeline(
      'Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.',
    )
  return pipeline
}

function checkInputs(project: ProjectDefinition, given: unknown): Record<string, unknown> {
  if (given !== undefined && !isRecord(given)) refuseParameters('inputs is invalid')
  const declared = project.inputs ?? {}
  const unknown = Object.keys(given ?? {}).filter((name) => !(name in declared))
  if (unknown.length > 0) refusePipeline(`unknown input arguments: ${unknown.join(', ')}`)
  const values = Object.entries(declared).map(([name, input]) => {
    const value = given?.[name] ?? input.default
    if (value === undefined)
      refusePipeline(`\`${name}\` input: required value has not been provided`)
    const allowed = input.options?.map(String) ?? [String(value)]
    if (!allowed.includes(String(value)))
      refusePipeline(
        `\`${name}\` input: \`${value}\` cannot be used because it is not in the list of allowed options`,
      )
    return [name, value]
  })
  return Object.fromEntries(values)
}
