import type { Json, JsonObject } from '../json.ts'
import { hasType } from '../json.ts'
import { GLOBAL_KEYS } from '../lint/pipeline/pipeline.ts'
import type { SentValue } from '../lint/sent-values.ts'
import type { Subject } from '../lint/subject.ts'
import { textOf } from '../lint/workflow/workflow.ts'
import { formatPath } from '../path.ts'
import { runIdInput } from '../run/find-run-id.ts'
import { jobOf, titleOf, variableOf } from './names.ts'
import {
  canBeNull,
  defaultOf,
  descriptionOf,
  type FileOptions,
  noteLost,
  type Plan,
  planSending,
  type Skeleton,
} from './planned.ts'

const PATH = '.gitlab-ci.yml'
/** Names that GitLab does not take for jobs, beside the keys of a pipeline. */
const NOT_JOBS = ['pages', 'true', 'false', 'nil']

/**
 * Makes a pipeline for an action that starts one with variables: with the variables that the action sends, and the component
 * that reports to Port.
 */
export async function pipelineFor(subject: Subject, options: FileOptions): Promise<Skeleton> {
  const plan = await planSending(subject, options.pool)
  const { values, notes } = plan
  const variables: JsonObject = {}
  const runIdVariable = plan.runIdPath?.split('.')[0]
  const own = values.filter(({ name }) => name !== runIdVariable)
  for (const value of own) {
    if (value.value.type === 'input') variables[value.name] = variableFor(value, value.value, plan)
  }
  const pipeline = {
    ...included(options),
    ...(Object.keys(variables).length > 0 && { variables }),
    ...job(
      subject,
      own.map(({ name }) => name),
    ),
  }
  return { kind: 'pipeline', path: PATH, documents: [pipeline], comments: [], notes }
}

/**
 * Makes a pipeline for a webhook to GitLab's trigger API: with the inputs that its body has, and the component that reports
 * to Port.
 *
 * @param sending the action, as one that sends its whole body as variables
 * @param others what in the body is not one of the inputs
 */
export async function pipelineWithInputsFor(
  { sending, others }: { sending: Subject; others: readonly string[] },
  options: FileOptions,
): Promise<Skeleton> {
  const plan = await planSending(sending, options.pool)
  const { values, notes } = plan
  const own = values.filter(({ name }) => !others.includes(name))
  const inputs = Object.fromEntries(own.map((value) => [value.name, inputFor(value, plan)]))
  // A list cannot be the value of a variable.
  const shown = own.filter(({ name }) => inputs[name]?.type !== 'array' && !runIdInput(name))
  const variables = Object.fromEntries(
    shown.map(({ name }) => [variableOf(name), `$[[ inputs.${name} ]]`]),
  )
  const pipeline = { ...included(options), ...job(sending, Object.keys(variables), variables) }
  return {
    kind: 'pipeline',
    path: PATH,
    documents: [{ spec: { inputs } }, pipeline],
    comments: [],
    notes,
  }
}

function included({ version }: FileOptions): JsonObject {
  const component = `gitlab.com/port-dispatch/port-dispatch/report@${version}`
  return { include: [{ component }] }
}

/** A job that shows what it gets. */
function job(
  { identifier }: Subject,
  names: readonly string[],
  variables: JsonObject = {},
): JsonObject {
  const job = jobOf(identifier ?? 'work')
  const what = names.length === 0 ? '' : `. It gets ${names.map((name) => `$${name}`).join(' ')}`
  return {
    [NOT_JOBS.includes(job) || GLOBAL_KEYS.has(job) ? `run-${job}` : job]: {
      ...(Object.keys(variables).length > 0 && { variables }),
      script: [`echo "Replace this line with the work${what}"`],
    },
  }
}

/** A variable that GitLab asks for, with everything that it can say. All values are texts. */
function variableFor(
  sent: SentValue,
  value: SentValue['value'] & { type: 'input' },
  { notes }: Plan,
): JsonObject {
  const { input } = value
  noteLost(input, [], notes)
  const fallback = defaultOf(value)
  const text = fallback === undefined ? '' : textOf(fallback)
  const isFlag = input.type === 'boolean'
  const values = isFlag ? [true, false] : input.values
  const options = values && [...new Set(values.map(textOf))]
  const note = (message: string) => void notes.push({ path: formatPath(input.path), message })
  if (input.type === 'number') note('the pipeline gets the number as a text')
  else if (input.type !== 'string' && !isFlag) note('the pipeline gets it as JSON, in a text')
  if (canBeNull(sent)) {
    note(
      `the text null is sent if nothing was entered. To send nothing: {{ .inputs.${input.name} // "" }}`,
    )
  }
  const isListed = options?.includes(text) ?? true
  return {
    description: descriptionOf(input) ?? titleOf(input.name),
    value: text,
    // The value has to be one of the options.
    ...(options && options.length > 0 && { options: isListed ? options : [text, ...options] }),
    // A dollar sign would begin a variable.
    ...(text.includes('$') && { expand: false }),
  }
}

/** An input of `spec:inputs`. */
function inputFor(sent: SentValue, { notes }: Plan): JsonObject {
  const { value, name } = sent
  if (runIdInput(name) === 'run-id') return { description: 'Set by Port', default: '' }
  if (value.type === 'constant') return { type: typeOfValue(value.value) }
  if (value.type === 'unknown') return { type: 'string' }
  const { input } = value
  const type = ['number', 'boolean', 'array'].includes(input.type ?? '')
    ? (input.type ?? '')
    : 'string'
  noteLost(input, type === 'string' ? ['pattern'] : [], notes)
  const note = (message: string) => void notes.push({ path: formatPath(input.path), message })
  if (type === 'string' && input.type === 'object') note('the pipeline gets it as JSON, in a text')
  const fallback = defaultOf(value)
  if (fallback === undefined && !input.isAlwaysSet) {
    note(
      `nothing, or null, is sent if nothing was entered, and GitLab then refuses to create the pipeline. Require it, or send something else: {{ .inputs.${input.name} // "" }}`,
    )
  }
  const description = descriptionOf(input)
  const { pattern } = input.definition
  const values = input.values?.filter((each) => hasType(each, type)) ?? []
  const isListed = fallback === undefined || values.length === 0 || values.includes(fallback)
  return {
    ...(description !== undefined && { description }),
    ...(type !== 'string' && { type }),
    ...(values.length > 0 &&
      type !== 'boolean' &&
      type !== 'array' && {
        options: isListed || fallback === undefined ? values : [fallback, ...values],
      }),
    ...(type === 'string' && typeof pattern === 'string' && { regex: pattern }),
    ...(fallback !== undefined && hasType(fallback, type) && { default: fallback }),
  }
}

function typeOfValue(value: Json): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' || typeof value === 'number' ? typeof value : 'string'
}
