import { InputError } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject, setOwn } from '../json.ts'
import { canEndRun } from '../lint/workflow/reporting.ts'
import { readWorkflow, textOf, type Workflow } from '../lint/workflow/workflow.ts'
import { formatPath } from '../path.ts'
import { type ActionOptions, githubMethod, selfServiceAction } from './method.ts'
import { identifierOf, titleOf } from './names.ts'
import type { InitNote } from './note.ts'
import { contextTemplate, portInput, readsOf } from './port-context.ts'
import { sentEntry } from './sent-entry.ts'

/** An action as init writes it. */
export interface InitAction {
  action: JsonObject
  notes: InitNote[]
}

/** A workflow file as it was read. */
export interface WorkflowFile {
  /** As the user knows it: `.github/workflows/deploy.yml`. */
  file: string
  document: Json
  /** What it calls of the same repository, by path. */
  called?: ReadonlyMap<string, Json>
}

/** What GitHub accepts in a dispatch. */
const MAX_INPUTS = 25

/**
 * Makes an action that starts a GitHub workflow, with a user input for each input of its `workflow_dispatch`. Inputs for
 * the id of the run, or for the context that holds it, are filled in by templates.
 *
 * @throws InputError if it is not a workflow, cannot be dispatched, or has more inputs than GitHub accepts
 */
export function actionFromWorkflow(
  { file, document, called = new Map() }: WorkflowFile,
  options: ActionOptions,
): InitAction {
  const workflow = readWorkflow(file, document, called)
  const problem = (path: string, found: string, advice?: string) =>
    new InputError(`Cannot make an action from ${file}:`, [
      { path, found, ...(advice !== undefined && { advice }) },
    ])
  if (!workflow || !isJsonObject(document)) throw problem('', 'it is not a GitHub workflow')
  const path = formatPath(workflow.inputsPath)
  if (!workflow.inputs) {
    throw problem(
      path,
      `the workflow runs on ${workflow.events.join(', ') || 'nothing'}, not on workflow_dispatch`,
      'Add workflow_dispatch to on, with the inputs that the action is to send',
    )
  }
  const declared = workflow.dispatch?.inputs ?? null
  if (declared !== null && !isJsonObject(declared)) {
    throw problem(
      path,
      `the inputs are ${Array.isArray(declared) ? 'a list' : 'not an object'}`,
      'Write a name for each of them: inputs: {size: {type: string}}',
    )
  }
  if (workflow.inputs.size > MAX_INPUTS) {
    throw problem(
      path,
      `has ${workflow.inputs.size} inputs; GitHub accepts at most ${MAX_INPUTS}`,
      'Take several values as one JSON object',
    )
  }
  const reading = new Reading(readsOf(document), options.installationId === undefined)
  for (const { name, path: at } of workflow.inputs.values()) {
    reading.read(name, writtenInput(document, at), formatPath(at))
  }
  const { notes, workflowInputs, properties, required } = reading
  if (!reading.sendsRunId) {
    notes.push({
      path,
      message:
        'no input takes the ID of the Port run, so that the workflow cannot report to it. Add an input port_run_id of type string, and run init again',
    })
  }
  const stem = (file.split(/[/\\]/).at(-1) ?? file).replace(/\.ya?ml$/i, '')
  const { name } = document
  const method = githubMethod(options, {
    workflow: file.split(/[/\\]/).at(-1) ?? file,
    reportWorkflowStatus: !endsRun(workflow, notes),
    workflowInputs,
  })
  if (reading.readsEntity && options.blueprint === undefined) {
    notes.push({
      path,
      message:
        'the workflow reads the entity that the action is run on. Name its blueprint in trigger.blueprintIdentifier',
    })
  }
  const about = {
    identifier: identifierOf(stem),
    title: typeof name === 'string' && name.trim() !== '' ? name.trim() : titleOf(stem),
    blueprint: options.blueprint,
    onEntity: reading.readsEntity || options.blueprint !== undefined,
  }
  return { action: selfServiceAction(about, properties, required, method), notes }
}

function writtenInput(document: JsonObject, path: readonly (string | number)[]): JsonObject {
  const found = path.reduce<Json | undefined>(
    (at, key) => (isJsonObject(at) ? at[key] : undefined),
    document,
  )
  return isJsonObject(found) ? found : {}
}

/** Whether the workflow ends the run in Port, so that Port is not to do it. */
function endsRun(workflow: Workflow, notes: InitNote[]): boolean {
  if (canEndRun({ ...workflow, callsUnknown: false })) return true
  if (workflow.callsUnknown) {
    notes.push({
      path: 'jobs',
      message:
        'the workflow calls steps that cannot be read here. If they report the end of the run to Port, set reportWorkflowStatus to false',
    })
  }
  return false
}

/** The keys of an input that have a counterpart in a form. */
const CARRIED = new Set(['description', 'required', 'default', 'type', 'options'])

class Reading {
  readonly notes: InitNote[] = []
  readonly properties: JsonObject = {}
  readonly required: string[] = []
  readonly workflowInputs: JsonObject = {}
  sendsRunId = false
  readsEntity = false
  readonly #reads: ReadonlyMap<string, readonly string[]>
  /** GITHUB takes `ref` among the inputs for the branch. */
  readonly #isRefTaken: boolean

  constructor(reads: ReadonlyMap<string, readonly string[]>, isRefTaken: boolean) {
    this.#reads = reads
    this.#isRefTaken = isRefTaken
  }

  read(name: string, input: JsonObject, path: string): void {
    const note = (message: string) => void this.notes.push({ path, message })
    const filled = portInput(name, this.#reads)
    if (filled === 'run-id') {
      setOwn(this.workflowInputs, name, '{{ .run.id }}')
      this.sendsRunId = true
    } else if (filled === 'context') this.#context(name, note)
    else if (name === 'ref' && this.#isRefTaken) {
      note(
        'is left out: in workflowInputs, Port takes ref for the branch or tag to run. Give the input another name, such as branch',
      )
    } else this.#userInput(name, input, note)
  }

  #context(name: string, note: (message: string) => void): void {
    const made = contextTemplate(this.#reads.get(name) ?? [])
    setOwn(this.workflowInputs, name, made.template)
    this.sendsRunId = true
    this.readsEntity ||= made.readsEntity
    if (made.isEntityPlain) {
      note('the workflow reads entity as one value; the identifier of the entity is sent')
    }
    if (made.missing.length > 0) {
      note(`the workflow also reads ${made.missing.join(', ')}, which it does not get`)
    }
  }

  #userInput(name: string, input: JsonObject, note: (message: string) => void): void {
    const type = typeof input.type === 'string' ? input.type : 'string'
    const options = Array.isArray(input.options) ? input.options.map(textOf) : []
    const isRequired = input.required === true || input.required === 'true'
    const fallback = defaultOf(input.default ?? null, type, options, note)
    const title = titleOf(name)
    const description = typeof input.description === 'string' ? input.description.trim() : ''
    setOwn(this.properties, name, {
      type: type === 'boolean' || type === 'number' ? type : 'string',
      title,
      ...(description !== '' && description !== title && { description }),
      ...(type === 'choice' && options.length > 0 && { enum: [...new Set(options)] }),
      ...(fallback !== undefined && { default: fallback }),
    })
    if (isRequired) this.required.push(name)
    if (type === 'environment') {
      note(
        'any text can be entered, and GitHub only accepts environments of the repository. Give the user input an enum of them',
      )
    } else if (!['string', 'boolean', 'number', 'choice'].includes(type)) {
      note(`the type ${type} is not one of workflow_dispatch; the user input is a string`)
    }
    const lost = Object.keys(input).filter((key) => !CARRIED.has(key))
    if (lost.length > 0) note(`${lost.join(', ')} has no counterpart in an action`)
    const [key, template] = sentEntry({
      key: name,
      name,
      type,
      isRequired,
      otherwise: fallback ?? (type === 'string' ? '' : type === 'boolean' ? false : undefined),
    })
    setOwn(this.workflowInputs, key, template)
  }
}

/** The default of an input as the form has it. An empty text is the same as none. */
function defaultOf(
  value: Json,
  type: string,
  options: readonly string[],
  note: (message: string) => void,
): Json | undefined {
  if (value === null || (value === '' && !options.includes(''))) return undefined
  const text = textOf(value)
  const left = (what: string): undefined => {
    note(`its default ${JSON.stringify(value)} is not ${what} and is left out`)
  }
  if (type === 'boolean') {
    return text === 'true' || text === 'false' ? text === 'true' : left('true or false')
  }
  if (type === 'number') {
    const number = Number(text)
    return text.trim() !== '' && Number.isFinite(number) ? number : left('a number')
  }
  if (type === 'choice' && !options.includes(text)) return left('one of its options')
  return text
}
