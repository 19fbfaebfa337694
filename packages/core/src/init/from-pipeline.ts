import { InputError } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { type Pipeline, pipelineReports, readPipeline } from '../lint/pipeline/pipeline.ts'
import { hasType } from '../lint/value-type.ts'
import { textOf } from '../lint/workflow/workflow.ts'
import { formatPath } from '../path.ts'
import { runIdInput } from '../run/find-run-id.ts'
import type { InitAction } from './from-workflow.ts'
import { type ActionOptions, gitlabMethod, selfServiceAction, triggerMethod } from './method.ts'
import { identifierOf, titleOf } from './names.ts'
import type { InitNote } from './note.ts'
import { sentEntry } from './sent-entry.ts'

/** A pipeline file as it was read. */
export interface PipelineFile {
  /** As the user knows it: `.gitlab-ci.yml`. */
  file: string
  /** A header with `spec`, if it has one, and the pipeline. */
  documents: readonly Json[]
  /** Files of the same repository that it includes, by path. */
  included?: ReadonlyMap<string, readonly Json[]>
}

/**
 * Makes an action that starts a GitLab pipeline, with a user input for each variable that has a description, which are the
 * ones that GitLab asks for, and for each input of `spec:inputs`. Pipelines with such inputs are started by a webhook to
 * GitLab's trigger API: actions that start pipelines send variables only.
 *
 * @throws InputError if it is not a pipeline, or if an integration cannot send its inputs
 */
export function actionFromPipeline(
  { file, documents, included = new Map() }: PipelineFile,
  options: ActionOptions,
): InitAction {
  const pipeline = readPipeline(file, documents, included)
  if (!pipeline) {
    throw new InputError(`Cannot make an action from ${file}:`, [
      { path: '', found: 'it is not a GitLab pipeline' },
    ])
  }
  const reading = new Reading()
  reading.readInputs(documents.length > 1 ? documents[0] : undefined)
  reading.readVariables(pipeline.document.variables)
  const { inputs, variables, properties, required, notes } = reading
  const method =
    inputs === undefined
      ? gitlabMethod(options, {
          reports: noteEnd(pipeline, options, notes),
          pipelineVariables: withRunId(variables),
        })
      : withInputs(file, options, { inputs, variables, notes })
  if (inputs !== undefined) noteEnd(pipeline, {}, notes)
  if (Object.keys(properties).length === 0) {
    notes.push({
      path: 'variables',
      message:
        'no variable has a description, and spec has no inputs, so that the form of the action is empty',
    })
  }
  if (options.ref === undefined) {
    notes.push({ path: '', message: 'the pipeline runs on main. For another branch, give --ref' })
  }
  const project = options.repository.split('/').at(-1) ?? ''
  const about = {
    identifier: identifierOf(project),
    title: titleOf(project),
    blueprint: options.blueprint,
    onEntity: options.blueprint !== undefined,
  }
  return { action: selfServiceAction(about, properties, required, method), notes }
}

function withInputs(
  file: string,
  options: ActionOptions,
  { notes, ...sent }: { inputs: JsonObject; variables: JsonObject; notes: InitNote[] },
): JsonObject {
  if (options.installationId !== undefined) {
    throw new InputError(`Cannot make an action from ${file}:`, [
      {
        path: 'spec.inputs',
        found: 'integrations of Port send variables, and no inputs',
        advice: 'Leave out the integration, or take the values as variables',
      },
    ])
  }
  notes.push({
    path: 'spec.inputs',
    message:
      'actions of type GITLAB send variables, and no inputs, so that this one is a WEBHOOK to GitLab. Store a trigger token of the project in Port as the secret GITLAB_TRIGGER_TOKEN',
  })
  return triggerMethod(options, sent)
}

/** Whether the pipeline ends the run in Port. Says so if nothing does, or if it is not known. */
function noteEnd(
  pipeline: Pipeline,
  { installationId }: Pick<ActionOptions, 'installationId'>,
  notes: InitNote[],
): boolean {
  if (pipelineReports({ ...pipeline, includesUnknown: false })) return true
  if (installationId !== undefined) return false
  notes.push({
    path: 'include',
    message: `${
      pipeline.includesUnknown
        ? 'the pipeline includes files that cannot be read here. If none of them reports to Port, nothing ends the run'
        : 'nothing ends the run in Port'
    }. Include the component report: gitlab.com/port-dispatch/port-dispatch/report`,
  })
  return false
}

function withRunId(variables: JsonObject): JsonObject {
  const isSent = Object.values(variables).includes(RUN_ID)
  return isSent ? variables : { ...variables, PORT_RUN_ID: RUN_ID }
}

const RUN_ID = '{{ .run.id }}'
/** The keys of a variable, and of an input, that have a counterpart in a form. */
const VARIABLE_KEYS = ['value', 'description', 'options', 'expand']
const INPUT_KEYS = ['type', 'description', 'options', 'regex', 'default']

/** A field of the form and how it is sent. */
interface Field {
  key: string
  name: string
  definition: JsonObject & { type: string }
  isRequired: boolean
  otherwise: Json | undefined
}

class Reading {
  readonly notes: InitNote[] = []
  readonly properties: JsonObject = {}
  readonly required: string[] = []
  readonly variables: JsonObject = {}
  /** Undefined if the pipeline has none. */
  inputs: JsonObject | undefined

  readInputs(header: Json | undefined): void {
    const spec = isJsonObject(header) ? header.spec : undefined
    const written = isJsonObject(spec) ? spec.inputs : undefined
    if (isJsonObject(spec) && spec.include !== undefined) {
      this.notes.push({
        path: 'spec.include',
        message: 'inputs that are declared in other files are left out',
      })
    }
    if (!isJsonObject(written) || Object.keys(written).length === 0) return
    this.inputs = {}
    for (const [name, input] of Object.entries(written)) {
      const path = formatPath(['spec', 'inputs', name])
      this.#input(name, isJsonObject(input) ? input : {}, path, this.inputs)
    }
  }

  #input(name: string, input: JsonObject, path: string, inputs: JsonObject): void {
    if (runIdInput(name) === 'run-id') {
      inputs[name] = RUN_ID
      return
    }
    this.#noteLost(input, INPUT_KEYS, path)
    const type = typeof input.type === 'string' ? input.type : 'string'
    const isKnown = ['string', 'number', 'boolean', 'array'].includes(type)
    if (!isKnown) {
      this.notes.push({ path, message: `the type ${type} is unknown; the user input is a string` })
    }
    const { options, regex, default: fallback } = input
    const pattern = typeof regex === 'string' ? patternOf(regex) : undefined
    if (regex !== undefined && pattern === undefined) {
      this.notes.push({
        path: `${path}.regex`,
        message: 'is not a regular expression that forms understand, and is left out',
      })
    }
    const formType = isKnown ? type : 'string'
    const values = Array.isArray(options) ? options.filter((each) => hasType(each, formType)) : []
    const isDefaultKept = fallback !== undefined && hasType(fallback, formType)
    if (fallback !== undefined && !isDefaultKept) {
      const message = `its default ${JSON.stringify(fallback)} is not of its type ${formType} and is left out`
      this.notes.push({ path, message })
    }
    this.#add(
      {
        key: name,
        name,
        definition: {
          type: formType,
          ...describe(name, input.description),
          ...(values.length > 0 && { enum: values }),
          ...(pattern !== undefined && { pattern }),
          ...(isDefaultKept && fallback !== '' && { default: fallback }),
        },
        isRequired: fallback === undefined,
        otherwise: fallback,
      },
      inputs,
    )
  }

  readVariables(written: Json | undefined): void {
    if (!isJsonObject(written)) return
    for (const [key, variable] of Object.entries(written)) {
      // GitLab asks for those that have a description.
      if (!isJsonObject(variable) || typeof variable.description !== 'string') continue
      const path = formatPath(['variables', key])
      if (runIdInput(key) === 'run-id') {
        this.variables[key] = RUN_ID
        continue
      }
      this.#noteLost(variable, VARIABLE_KEYS, path)
      const name = this.#nameOf(key)
      const texts = Array.isArray(variable.options)
        ? [...new Set(variable.options.map(textOf))]
        : []
      const options = texts.filter((text) => text !== '')
      const isFlag = options.length === 2 && options.includes('true') && options.includes('false')
      const text = textOf(variable.value ?? '')
      const fallback = isFlag && text !== '' ? text === 'true' : text
      const definition = {
        type: isFlag ? 'boolean' : 'string',
        ...describe(name, variable.description),
        ...(!isFlag && options.length > 0 && { enum: options }),
        ...(text !== '' && { default: fallback }),
      }
      this.#add({ key, name, definition, isRequired: false, otherwise: fallback }, this.variables)
    }
  }

  /** Variables are in upper case, user inputs are not. */
  #nameOf(key: string): string {
    const name = key.toLowerCase()
    return name in this.properties ? key : name
  }

  #add(field: Field, sent: JsonObject): void {
    const { key, name, definition, isRequired, otherwise } = field
    this.properties[name] = definition
    if (isRequired) this.required.push(name)
    const [entry, template] = sentEntry({ key, name, type: definition.type, isRequired, otherwise })
    sent[entry] = template
  }

  #noteLost(written: JsonObject, carried: readonly string[], path: string): void {
    const lost = Object.keys(written).filter((key) => !carried.includes(key))
    if (lost.length === 0) return
    this.notes.push({ path, message: `${lost.join(', ')} has no counterpart in an action` })
  }
}

function describe(name: string, description: Json | undefined): JsonObject {
  const title = titleOf(name)
  const text = typeof description === 'string' ? description.trim() : ''
  return { title, ...(text !== '' && text !== title && { description: text }) }
}

/** GitLab's expressions are those of RE2, which forms understand as far as JavaScript does. */
function patternOf(regex: string): string | undefined {
  const [, inner = regex] = /^\/(.*)\/$/s.exec(regex) ?? []
  try {
    new RegExp(inner, 'u')
    return inner
  } catch {
    return undefined
  }
}
