import { InputError, type Problem } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { fieldPath, methodFields, type PossibleValue, type SentValue } from '../lint/sent-values.ts'
import type { Subject, UserInput } from '../lint/subject.ts'
import { textOf } from '../lint/workflow/workflow.ts'
import { formatPath } from '../path.ts'
import type { JqPool } from '../template/jq/pool.ts'
import { identifierOf, jobOf, plainText, titleOf, variableOf } from './names.ts'
import type { InitNote } from './note.ts'
import {
  canBeNull,
  defaultOf,
  descriptionOf,
  isRequired,
  noteLost,
  type Plan,
  planSending,
  type Skeleton,
} from './planned.ts'

const MAX_INPUTS = 25
const RUN_ID = 'port_run_id'

/**
 * Makes a workflow for an action that starts one: with the inputs that the action sends, a step that reports to Port, and a
 * `run-name` with the id of the run.
 *
 * @throws InputError if the action sends more inputs than GitHub accepts
 */
export async function workflowFor(subject: Subject, pool?: JqPool): Promise<Skeleton> {
  const plan = await planSending(subject, pool)
  const { values, notes } = plan
  const inputs: JsonObject = {}
  const runIdInput = (plan.runIdPath ?? RUN_ID).split('.')[0] ?? RUN_ID
  for (const value of values) {
    inputs[value.name] = value.name === runIdInput ? runIdOf(plan) : inputOf(value, plan)
  }
  inputs[runIdInput] ??= runIdOf(plan)
  refuseInputs(plan, Object.keys(inputs))
  const { action, identifier } = subject
  const name = identifier ?? fileName(plan).replace(/\.ya?ml$/i, '')
  const title = plainText(
    typeof action.title === 'string' && action.title.trim() ? action.title : titleOf(name),
  )
  const job = jobOf(name)
  const variables = variablesFor(
    values.map((value) => value.name).filter((key) => key !== runIdInput),
  )
  const path = `.github/workflows/${fileName(plan)}`
  return {
    kind: 'workflow',
    path,
    documents: [
      {
        name: title,
        'run-name': `${title} (${runIdExpression(plan.runIdPath ?? RUN_ID)})`,
        on: { workflow_dispatch: { inputs } },
        permissions: { contents: 'read', actions: 'read' },
        jobs: {
          [job]: {
            'runs-on': 'ubuntu-latest',
            steps: [
              { uses: 'port-dispatch/port-dispatch@v1', with: reportInputs(plan) },
              { uses: 'actions/checkout@v5' },
              {
                name: title,
                run: 'echo "Replace this step with the work"',
                ...(Object.keys(variables).length > 0 && { env: variables }),
              },
            ],
          },
        },
      },
    ],
    comments: [
      { path: ['permissions', 'contents'], text: 'for the checkout' },
      { path: ['permissions', 'actions'], text: 'to name the step that failed' },
    ],
    notes,
  }
}

function refuseInputs({ sent }: Plan, names: readonly string[]): void {
  const problems: Problem[] = names
    .filter((name) => !/^[A-Za-z_][\w-]*$/.test(name))
    .map((name) => ({
      path: formatPath([...sent.path, name]),
      found: 'is not a name that GitHub accepts for an input',
      expected: 'letters, digits, - and _, and a letter or _ first',
    }))
  if (names.length > MAX_INPUTS) {
    problems.push({
      path: formatPath(sent.path),
      found: `makes ${names.length} inputs with that for the ID of the run; GitHub accepts at most ${MAX_INPUTS}`,
      advice: 'Send several values as one JSON object',
    })
  }
  if (problems.length > 0) throw new InputError('Cannot make a workflow:', problems)
}

/** The file that the action names; else one of its name. */
function fileName({ subject, notes }: Plan): string {
  const { workflow } = methodFields(subject)
  if (typeof workflow === 'string' && /^[\w.-]+\.ya?ml$/i.test(workflow)) return workflow
  const name = `${identifierOf(subject.identifier ?? 'workflow')}.yml`
  const message = `${JSON.stringify(workflow)} is not the name of a file. Name the file of this workflow there: ${name}`
  const path = formatPath(fieldPath(subject, 'workflow'))
  if (!notes.some((note) => note.path === path)) notes.push({ path, message })
  return name
}

function runIdOf({ runIdPath }: Plan): JsonObject {
  const isWhole = !runIdPath?.includes('.')
  return { description: isWhole ? 'Set by Port' : 'Set by Port, as JSON', type: 'string' }
}

function runIdExpression(path: string): string {
  const [input = '', ...rest] = path.split('.')
  return rest.length === 0
    ? `\${{ inputs.${input} }}`
    : `\${{ fromJSON(inputs.${input} || '{}').${rest.join('.')} }}`
}

/** Both Port and the step would end the run where `reportWorkflowStatus` is on, which it is by default. */
function reportInputs({ subject, notes }: Plan): JsonObject {
  const flag = methodFields(subject).reportWorkflowStatus ?? true
  const path = formatPath(fieldPath(subject, 'reportWorkflowStatus'))
  const credentials = {
    clientId: `\${{ secrets.PORT_CLIENT_ID }}`,
    clientSecret: `\${{ secrets.PORT_CLIENT_SECRET }}`,
  }
  if (flag === false || flag === 'false') return credentials
  if (flag === true || flag === 'true') {
    notes.push({
      path,
      message:
        'Port ends the run, and the step in the workflow only adds to it. To have the step say which step failed, set reportWorkflowStatus to false here and remove it from the step',
    })
    return { ...credentials, reportWorkflowStatus: false }
  }
  const message = 'is a template, so that the workflow cannot know whether Port ends the run'
  notes.push({ path, message })
  return credentials
}

/** An input that accepts everything that the action sends. */
function inputOf(sent: SentValue, { subject, notes }: Plan): JsonObject {
  const { value, isAlwaysSent } = sent
  if (value.type === 'constant') return { type: scalarType(value.value) }
  if (value.type === 'unknown') return { type: 'string' }
  const { input } = value
  noteLost(input, [], notes)
  const declared = canBeNull(sent) ? { type: 'string' } : typed(value)
  noteType(sent, input, declared.type, notes)
  const description = descriptionOf(input)
  return {
    ...(description !== undefined && { description }),
    ...declared,
    ...(isAlwaysSent && isRequired(subject, input) && { required: true }),
    ...defaultFor(defaultOf(value), declared),
  }
}

function scalarType(value: Json): string {
  return typeof value === 'boolean' || typeof value === 'number' ? typeof value : 'string'
}

interface Declared {
  type: string
  options?: string[]
}

function typed({ input, otherwise }: Extract<PossibleValue, { type: 'input' }>): Declared {
  const { values, type } = input
  const others = otherwise === undefined ? [] : [otherwise]
  if (type === 'boolean' || type === 'number') {
    if (values === undefined && others.every((other) => typeof other === type)) return { type }
  }
  if (values && values.length > 0 && type !== 'array' && type !== 'object') {
    return { type: 'choice', options: [...new Set([...values, ...others].map(textOf))] }
  }
  return { type: 'string' }
}

function noteType(sent: SentValue, input: UserInput, type: string, notes: InitNote[]): void {
  const note = (message: string) => void notes.push({ path: formatPath(input.path), message })
  if (canBeNull(sent)) {
    if (input.values || (input.type !== 'string' && input.type !== undefined)) {
      note(
        'the input of the workflow is a string, because the text null is sent if nothing was entered',
      )
    }
  } else if (type === 'choice' && input.type !== 'string') {
    note('the options of the workflow are texts')
  } else if (type === 'string' && input.type !== 'string') {
    note('the workflow gets it as JSON, in a string')
  }
}

function defaultFor(fallback: Json | undefined, { type, options }: Declared): JsonObject {
  if (fallback === undefined) return {}
  if (type === 'boolean' || type === 'number') {
    return typeof fallback === type ? { default: fallback } : {}
  }
  const text = textOf(fallback)
  if (options) return options.includes(text) ? { default: text } : {}
  return text === '' ? {} : { default: text }
}

/** Each input as a variable of the environment, which a script can use without being changed by what is in it. */
function variablesFor(names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.map((name) => [safeVariable(variableOf(name)), `\${{ inputs.${name} }}`]),
  )
}

/** Runners set the variables of these names. */
function safeVariable(name: string): string {
  return /^(?:GITHUB_|RUNNER_|CI$|PATH$|HOME$|NODE_OPTIONS$)/.test(name) ? `INPUT_${name}` : name
}
