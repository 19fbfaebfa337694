import { isRecord } from '../is-record.ts'
import { refuse } from './refuse.ts'
import type { ServedRepository, ServedWorkflow } from './run-store.ts'
import type { WorkflowInput } from './workflow-file.ts'

const DOCUMENTATION =
  'https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event'
const MOST_INPUTS = 25
const MOST_CHARACTERS = 65_535

function invalid(message: string): never {
  return refuse(422, message, DOCUMENTATION)
}

/** The errors of GitHub's JSON schema validation, which comes before any check against the workflow. */
function malformed(message: string): never {
  return invalid(`Invalid request.\n\n${message}`)
}

export interface DispatchRequest {
  ref: string
  inputs: Readonly<Record<string, string>>
  wantsDetails: boolean
}

/** Validates the body of a dispatch against its schema, as GitHub does first. */
export function parseDispatch(
  body: unknown,
  runDetails: 'supported' | 'unsupported' | 'refused',
): DispatchRequest {
  if (!isRecord(body)) return refuse(400, 'Problems parsing JSON', DOCUMENTATION)
  if (runDetails === 'refused' && 'return_run_details' in body)
    malformed('"return_run_details" is not a permitted key.')
  const { ref, inputs = {}, return_run_details: wanted = false } = body
  if (ref === undefined) malformed('"ref" wasn\'t supplied.')
  if (typeof ref !== 'string')
    malformed(`For 'properties/ref', ${JSON.stringify(ref)} is not a string.`)
  if (!isRecord(inputs))
    return malformed(`For 'properties/inputs', ${JSON.stringify(inputs)} is not an object.`)
  if (typeof wanted !== 'boolean')
    malformed(`For 'properties/return_run_details', ${JSON.stringify(wanted)} is not a boolean.`)
  const count = Object.keys(inputs).length
  if (count > MOST_INPUTS)
    malformed(`No more than ${MOST_INPUTS} properties are allowed; ${count} were supplied.`)
  const texts = Object.entries(inputs).map(([name, value]) => [
    name,
    typeof value === 'string'
      ? value
      : malformed(`For 'properties/${name}', ${JSON.stringify(value)} is not a string.`),
  ])
  return { ref, inputs: Object.fromEntries(texts), wantsDetails: wanted }
}

/** The name of the branch or tag that the `ref` of a dispatch refers to. */
export function resolveRef(repository: ServedRepository, ref: string): string {
  const branch = ref.replace(/^refs\/heads\//, '')
  if (repository.branches.includes(branch)) return branch
  const tag = ref.replace(/^refs\/tags\//, '')
  if (repository.tags.includes(tag)) return tag
  return invalid(`No ref found for: ${ref}`)
}

/** Checks the inputs of a dispatch against those that the workflow declares. */
export function checkInputs(
  workflow: ServedWorkflow,
  inputs: Readonly<Record<string, string>>,
): void {
  const declared = workflow.parsed.inputs
  if (!declared) invalid("Workflow does not have 'workflow_dispatch' trigger")
  if (workflow.definition.state === 'disabled_manually')
    invalid("Cannot trigger a 'workflow_dispatch' on a disabled workflow")
  const unexpected = Object.keys(inputs).filter((name) => !declared.has(name))
  if (unexpected.length > 0)
    invalid(
      `Unexpected inputs provided: [${unexpected.map((name) => JSON.stringify(name)).join(', ')}]`,
    )
  const characters = Object.values(inputs).reduce((sum, value) => sum + value.length, 0)
  if (characters > MOST_CHARACTERS) invalid('inputs are too large.')
  for (const [name, input] of declared) {
    const value = inputs[name]
    if (value === undefined) {
      if (input.required && input.default === undefined)
        invalid(`Required input '${name}' not provided`)
    } else if (!allowedValues(input).includes(value) && allowedValues(input).length > 0)
      invalid(`Provided value '${value}' for input '${name}' not in the list of allowed values`)
  }
}

/** A boolean is checked like a choice of two options, https://github.com/cli/cli/issues/5246. */
function allowedValues({ type, options }: WorkflowInput): readonly string[] {
  if (type === 'boolean') return ['true', 'false']
  return type === 'choice' ? options : []
}
