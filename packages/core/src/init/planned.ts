// What an action sends, as a workflow or a pipeline is to declare it.

import { InputError } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { type Expressions, readExpressions, SAMPLE_RUN_ID } from '../lint/expressions.ts'
import { readSentValues, type SentValue, type SentValues } from '../lint/sent-values.ts'
import type { Subject, UserInput } from '../lint/subject.ts'
import { formatPath } from '../path.ts'
import { findRunId } from '../run/find-run-id.ts'
import type { JqPool } from '../template/jq/pool.ts'
import { plainText, titleOf } from './names.ts'
import type { InitNote } from './note.ts'

/** A file that init writes, as data. */
export interface Skeleton {
  kind: 'workflow' | 'pipeline'
  /** Where it belongs in its repository: `.github/workflows/deploy.yml`. */
  path: string
  /** One, or a header with `spec` and the pipeline. */
  documents: JsonObject[]
  /** Comments behind values, by their path in the last document. */
  comments: { path: (string | number)[]; text: string }[]
  notes: InitNote[]
}

export interface FileOptions {
  /** Version of the components, which is that of this project: `0.1.0`. */
  version: string
  pool?: JqPool
}

/** What an action sends and to whom it belongs. */
export interface Plan {
  subject: Subject
  sent: SentValues
  /** Where the id of the run is, from the name of the value: `port_context.runId`. Undefined if it is not sent. */
  runIdPath: string | undefined
  /** In the order of the form, then as they are sent. The id of the run is the last. */
  values: readonly SentValue[]
  notes: InitNote[]
}

export async function planSending(subject: Subject, pool: JqPool | undefined): Promise<Plan> {
  const [expressions] = await readExpressions([subject], pool)
  const sent = expressions && readSentValues(subject, expressions)
  if (!expressions || !sent) {
    throw new InputError('Cannot make a workflow or a pipeline:', [
      { path: formatPath(subject.methodPath), found: 'the action sends nothing' },
    ])
  }
  const found = findRunId(sent.sample)
  const runIdPath = found.found && found.runId === SAMPLE_RUN_ID ? found.path : undefined
  const notes: InitNote[] = []
  const path = formatPath(sent.path)
  if (runIdPath === undefined && !sent.isSampleUncertain) {
    const name = sent.field === 'workflowInputs' ? 'port_run_id' : 'PORT_RUN_ID'
    const message = `the action does not send the ID of the run, so that nothing can report to it. Add ${JSON.stringify(name)}: "{{ .run.id }}"`
    notes.push({ path, message })
  }
  if (sent.isOpen) {
    const message = 'some names are only known when the action runs. Declare them too'
    notes.push({ path, message })
  }
  noteUnsent(subject, expressions, notes)
  return { subject, sent, runIdPath, values: inOrder(subject, sent, runIdPath), notes }
}

function noteUnsent(
  { inputs, userInputsPath }: Subject,
  { all }: Expressions,
  notes: InitNote[],
): void {
  const reads = all.flatMap(({ uses }) => uses.map(({ segments }) => segments))
  // Whoever reads all inputs reads each.
  const isRead = (name: string) =>
    reads.some(([root, key]) => root === undefined || (root === 'inputs' && (key ?? name) === name))
  for (const name of inputs?.keys() ?? []) {
    if (name === 'ref' || isRead(name)) continue
    const path = formatPath([...userInputsPath, 'properties', name])
    notes.push({ path, message: 'is not sent, so that nothing is declared for it' })
  }
}

function inOrder(
  { userInputs, inputs }: Subject,
  { values }: SentValues,
  runIdPath: string | undefined,
): SentValue[] {
  const order = [
    ...(Array.isArray(userInputs?.order) ? userInputs.order : []),
    ...(inputs?.keys() ?? []),
  ]
  const last = runIdPath?.split('.')[0]
  const rank = ({ name, value }: SentValue) => {
    if (name === last) return Number.POSITIVE_INFINITY
    const at = value.type === 'input' ? order.indexOf(value.input.name) : -1
    return at < 0 ? order.length : at
  }
  const seen = new Set<string>()
  return values
    .filter(({ name }) => !seen.has(name) && seen.add(name))
    .toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
}

/** What a form says about an input, in one line. */
export function descriptionOf({ name, definition }: UserInput): string | undefined {
  const texts = [definition.description, definition.title].flatMap((text) =>
    typeof text === 'string' && text.trim() !== '' ? plainText(text) : [],
  )
  return texts.find((text) => text !== titleOf(name))
}

/** What the workflow or pipeline gets if nothing was entered, where that is a constant. */
export function defaultOf(value: SentValue['value']): Json | undefined {
  if (value.type !== 'input') return undefined
  const { default: own } = value.input.definition
  if (own !== undefined && own !== null && !isComputed(own)) return own
  return value.otherwise === null ? undefined : value.otherwise
}

function isComputed(value: Json): boolean {
  return isJsonObject(value) && 'jqQuery' in value
}

/** Whether null is sent if nothing was entered. */
export function canBeNull({ value, isAlwaysSent }: SentValue): boolean {
  if (value.type !== 'input' || !isAlwaysSent || value.otherwise !== undefined) return false
  return !value.input.isAlwaysSet && value.input.definition.default === undefined
}

export function isRequired({ userInputs }: Subject, { name }: UserInput): boolean {
  return Array.isArray(userInputs?.required) && userInputs.required.includes(name)
}

const CARRIED = ['type', 'title', 'description', 'default', 'icon', 'items', 'enumColors']

/** Says what of a user input the file cannot hold. */
export function noteLost(
  { path, definition, values }: UserInput,
  carried: readonly string[],
  notes: InitNote[],
): void {
  const lost = Object.keys(definition).filter(
    (key) => !CARRIED.includes(key) && !(key === 'enum' && values) && !carried.includes(key),
  )
  if (lost.length === 0) return
  const message = `${lost.join(', ')} of the form cannot be declared, and ${lost.length === 1 ? 'is' : 'are'} left out`
  notes.push({ path: formatPath(path), message })
}
