// What an action sends to a workflow or a pipeline: names, and what is known of the values.

import { executionProperties, propertyPath } from '../action/integration-action.ts'
import { isJsonObject, type Json, type JsonObject, setOwn } from '../json.ts'
import { type Expressions, isSpread, SAMPLE_RUN_ID } from './expressions.ts'
import type { Path } from './finding.ts'
import type { PathUse } from './jq/reading.ts'
import type { Subject, UserInput } from './subject.ts'

/** One workflow input or pipeline variable. */
export interface SentValue {
  name: string
  path: Path
  /** Whether it is there in every run. */
  isAlwaysSent: boolean
  value: PossibleValue
}

export type PossibleValue =
  /** The same in every run. */
  | { type: 'constant'; value: Json }
  /** What was entered in the form, or `otherwise` if nothing was. */
  | { type: 'input'; input: UserInput; otherwise: Json | undefined }
  | { type: 'unknown' }

export interface SentValues {
  /** The field that holds them: `workflowInputs`. */
  field: 'workflowInputs' | 'pipelineVariables'
  path: Path
  values: readonly SentValue[]
  /** Whether there can be others, whose names are not known. */
  isOpen: boolean
  /** The branch or tag: a constant, something else, or nothing. */
  ref: PossibleValue | undefined
  /** What is sent in a sample run whose id is {@link SAMPLE_RUN_ID}; what fails there is missing. */
  sample: JsonObject
  /** Whether something that mentions the run could not be evaluated. */
  isSampleUncertain: boolean
}

/** What kind of work an action starts. */
export function startedBy({ method, methodType }: Subject): 'workflow' | 'pipeline' | undefined {
  if (methodType === 'GITHUB') return 'workflow'
  if (methodType === 'GITLAB') return 'pipeline'
  if (methodType !== 'INTEGRATION_ACTION') return undefined
  const type = method?.integrationActionType ?? method?.integrationInvocationType
  if (type === 'dispatch_workflow') return 'workflow'
  return type === 'trigger_pipeline' ? 'pipeline' : undefined
}

/** The fields of the method, wherever those of an integration action stand. */
export function methodFields({ method, methodType }: Subject): JsonObject {
  if (!method) return {}
  return methodType === 'INTEGRATION_ACTION' ? executionProperties(method) : method
}

/** Where a field of the method stands. */
export function fieldPath({ method, methodPath, methodType }: Subject, field: string): Path {
  if (methodType !== 'INTEGRATION_ACTION' || !method) return [...methodPath, field]
  return [...methodPath, ...propertyPath(method, field).split('.')]
}

export function readSentValues(subject: Subject, expressions: Expressions): SentValues | undefined {
  const started = startedBy(subject)
  if (started === undefined) return undefined
  const field = started === 'workflow' ? 'workflowInputs' : 'pipelineVariables'
  const fields = methodFields(subject)
  const path = fieldPath(subject, field)
  const reader = new SentReader(subject, expressions)
  if (subject.isV1 && !isJsonObject(fields[field])) reader.readV1(path)
  else if (isJsonObject(fields[field])) reader.readObject(fields[field], path)
  else if (fields[field] !== undefined && fields[field] !== null) reader.isOpen = true
  const named = started === 'workflow' ? fields.ref : (fields.defaultRef ?? fields.ref)
  const refPath = fieldPath(
    subject,
    started === 'workflow' || !('defaultRef' in fields) ? 'ref' : 'defaultRef',
  )
  const sentRef = reader.values.find(({ name }) => name === 'ref')
  const isRefAnInput = started === 'workflow' && subject.methodType === 'GITHUB'
  const ref =
    isRefAnInput && sentRef
      ? sentRef.value
      : named === undefined || named === null
        ? undefined
        : reader.possibleValue(named, refPath)
  return {
    field,
    path,
    values: isRefAnInput ? reader.values.filter(({ name }) => name !== 'ref') : reader.values,
    isOpen: reader.isOpen,
    ref,
    sample: reader.sample,
    isSampleUncertain: reader.isSampleUncertain,
  }
}

class SentReader {
  readonly values: SentValue[] = []
  isOpen = false
  readonly sample: JsonObject = {}
  isSampleUncertain = false
  readonly #subject: Subject
  readonly #expressions: Expressions

  constructor(subject: Subject, expressions: Expressions) {
    this.#subject = subject
    this.#expressions = expressions
  }

  readObject(object: JsonObject, path: Path): void {
    for (const [key, value] of Object.entries(object)) {
      const at = [...path, key]
      if (isSpread(key)) this.#spread(value, at)
      else if (!key.includes('{{')) this.#add(key, value, at, true)
      else {
        const name = conditionalKey(key)
        if (name === undefined) this.isOpen = true
        else this.#add(name, value, at, false)
      }
    }
  }

  /** The first version of Port's actions sent the user inputs and the run message. */
  readV1(path: Path): void {
    const { method, inputs } = this.#subject
    const isSet = (flag: Json | undefined) => flag === true || flag === 'true'
    if (!isSet(method?.omitUserInputs)) this.#addInputs(path)
    if (!isSet(method?.omitPayload)) {
      const value: PossibleValue = { type: 'unknown' }
      this.values.push({ name: 'port_payload', path, isAlwaysSent: true, value })
      this.sample.port_payload = { context: { runId: SAMPLE_RUN_ID } }
    }
    if (inputs === undefined) this.isOpen = true
  }

  #addInputs(path: Path): void {
    for (const input of this.#subject.inputs?.values() ?? []) {
      const value: PossibleValue = { type: 'input', input, otherwise: undefined }
      this.values.push({ name: input.name, path, isAlwaysSent: input.isAlwaysSet, value })
    }
  }

  #add(name: string, value: Json, path: Path, isAlwaysSent: boolean): void {
    const possible = this.possibleValue(value, path)
    this.values.push({ name, path, isAlwaysSent, value: possible })
    setOwn(this.sample, name, this.#sampleOf(value, path))
  }

  #spread(value: Json, path: Path): void {
    if (isJsonObject(value)) {
      this.readObject(value, path)
      return
    }
    const text = typeof value === 'string' ? value : ''
    if (/^\s*\{\{\s*\.inputs\s*\}\}\s*$/.test(text) && this.#subject.inputs !== undefined) {
      this.#addInputs(path)
      return
    }
    this.isOpen = true
    const sample = this.#sampleOf(value, path)
    if (isJsonObject(sample)) Object.assign(this.sample, sample)
  }

  possibleValue(value: Json, path: Path): PossibleValue {
    if (typeof value !== 'string') {
      return hasTemplate(value) ? { type: 'unknown' } : { type: 'constant', value }
    }
    const text = this.#expressions.textAt(path)
    if (!text || text.mistake) return { type: 'unknown' }
    if (text.expressions.length === 0) return { type: 'constant', value }
    const [expression, second] = text.expressions
    if (!text.isWhole || !expression || second) return { type: 'unknown' }
    const conditional = this.#conditional(expression.filter, expression.uses)
    if (conditional) return conditional
    const [use, other] = expression.uses
    if (!use || other || use.segments[0] !== 'inputs' || use.segments.length !== 2) {
      return { type: 'unknown' }
    }
    const input = this.#subject.inputs?.get(use.segments[1] ?? '')
    const before = expression.filter.slice(0, use.start).trim()
    const after = expression.filter.slice(use.end).trim()
    if (!input || before !== '') return { type: 'unknown' }
    if (after === '' || after === '?') return { type: 'input', input, otherwise: undefined }
    const otherwise = /^\/\/\s*(.+)$/s.exec(after)?.[1]
    const constant = otherwise === undefined ? undefined : parseConstant(otherwise)
    return constant === undefined
      ? { type: 'unknown' }
      : { type: 'input', input, otherwise: constant }
  }

  /** `if .inputs.x == null then true else .inputs.x end`, which is how a boolean gets a default. */
  #conditional(filter: string, uses: readonly PathUse[]): PossibleValue | undefined {
    const [first, second, ...others] = uses
    if (!first || !second || others.length > 0) return undefined
    if (first.segments.join('\0') !== second.segments.join('\0')) return undefined
    const path = (use: PathUse) => filter.slice(use.start, use.end)
    const [, constant] =
      /^\s*if\s+\0\s*==\s*null\s+then\s+(.+?)\s+else\s+\0\s+end\s*$/s.exec(
        filter.replace(path(first), '\0').replace(path(second), '\0'),
      ) ?? []
    const otherwise = constant === undefined ? undefined : parseConstant(constant)
    const [root, name, ...below] = first.segments
    const input = root === 'inputs' ? this.#subject.inputs?.get(name ?? '') : undefined
    if (!input || below.length > 0 || otherwise === undefined) return undefined
    return { type: 'input', input, otherwise }
  }

  /** What the value is in the sample run: with null where something is not known. */
  #sampleOf(value: Json, path: Path): Json {
    if (typeof value === 'string') {
      if (!value.includes('{{')) return value
      const sample = this.#expressions.sampleOf(value)
      if (sample === undefined && /\brun\b|workflowNodeRun|^\s*\{\{\s*\.\s*\}\}/.test(value)) {
        this.isSampleUncertain = true
      }
      return sample ?? null
    }
    if (Array.isArray(value)) {
      return value.map((item, index) => this.#sampleOf(item, [...path, index]))
    }
    if (!isJsonObject(value)) return value
    const object: JsonObject = {}
    for (const [key, item] of Object.entries(value)) {
      const sample = this.#sampleOf(item, [...path, key])
      if (isSpread(key)) {
        if (isJsonObject(sample)) Object.assign(object, sample)
      } else setOwn(object, key.includes('{{') ? (conditionalKey(key) ?? key) : key, sample)
    }
    return object
  }
}

/** The name that a key has, if it is there: `{{ if … then "ref" else null end }}`. */
function conditionalKey(key: string): string | undefined {
  return /^\s*\{\{\s*if\b[\s\S]*?\bthen\s+["']([^"'\\]+)["']\s+else\s+(?:null|empty|""|'')\s+end\s*\}\}\s*$/.exec(
    key,
  )?.[1]
}

function hasTemplate(value: Json): boolean {
  return JSON.stringify(value).includes('{{')
}

function parseConstant(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
