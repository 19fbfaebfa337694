import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Draft, Path, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { textOf } from '../workflow/workflow.ts'

const TYPES = ['string', 'choice', 'boolean', 'number', 'environment']
const FIELDS = ['description', 'type', 'required', 'default', 'options', 'deprecationMessage']

export const workflowInputs: Rule<Lintee> = {
  id: 'workflow-inputs',
  severity: 'error',
  summary: 'The inputs of workflow_dispatch are declared as GitHub reads them',
  *check({ target }) {
    if (target?.type !== 'workflow' || !target.workflow.dispatch) return
    const { dispatch, onPath = ['on'], file } = target.workflow
    const base = [...onPath, 'workflow_dispatch']
    for (const key of Object.keys(dispatch)) {
      if (key === 'inputs') continue
      yield {
        file,
        path: [...base, key],
        isKey: true,
        severity: 'warning',
        message: `${key} declares no input here: workflow_dispatch has the field inputs only`,
        advice: `Write it below inputs: on.workflow_dispatch.inputs.${key}`,
      }
    }
    const { inputs } = dispatch
    if (inputs !== undefined && inputs !== null && !isJsonObject(inputs)) {
      yield {
        file,
        path: [...base, 'inputs'],
        isKey: true,
        message: 'GitHub refuses the workflow: inputs is not an object with a name for each input',
        advice: 'Write inputs: {size: {type: string}}',
      }
    }
    if (!isJsonObject(inputs)) return
    for (const [name, input] of Object.entries(inputs)) {
      if (!isJsonObject(input)) continue
      const path = [...base, 'inputs', name]
      for (const draft of [...fieldsOf(input, path), ...optionsOf(name, input, path)]) {
        yield { ...draft, file }
      }
      const draft = defaultOf(name, input, path)
      if (draft) yield { ...draft, file }
    }
  },
}

function* fieldsOf(input: JsonObject, path: Path): Generator<Draft> {
  const { type } = input
  for (const key of Object.keys(input)) {
    if (FIELDS.includes(key)) continue
    const meant = suggest(key, FIELDS)
    yield {
      path: [...path, key],
      isKey: true,
      severity: 'warning',
      message: `${key} is not a field of an input of workflow_dispatch`,
      advice: meant === undefined ? `It has ${FIELDS.join(', ')}` : `Did you mean ${meant}?`,
    }
  }
  if (type === undefined || type === null || TYPES.includes(textOf(type))) return
  const meant = suggest(textOf(type), TYPES)
  yield {
    path: [...path, 'type'],
    message: `GitHub refuses the workflow: ${JSON.stringify(type)} is not a type of inputs; expected one of ${TYPES.join(', ')}`,
    ...(meant !== undefined && { advice: `Did you mean ${meant}?` }),
  }
}

function* optionsOf(name: string, input: JsonObject, path: Path): Generator<Draft> {
  const { type, options } = input
  const isList = Array.isArray(options) && options.length > 0
  if (type === 'choice' && !isList) {
    yield {
      path: [...path, 'type'],
      message: `GitHub refuses the workflow: the choice ${name} has no options`,
      advice: `Add options: [first, second], or make it a string`,
    }
  }
  if (type !== 'choice' && isList) {
    yield {
      path: [...path, 'options'],
      isKey: true,
      severity: 'warning',
      message: `The options of ${name} have no effect: only a choice has options`,
      advice: 'Write type: choice',
    }
  }
}

function defaultOf(name: string, input: JsonObject, path: Path): Draft | undefined {
  const { type, options, default: value } = input
  if (value === undefined || value === null) return undefined
  const text = textOf(value)
  if (text.includes('${{')) {
    return {
      path: [...path, 'default'],
      severity: 'warning',
      message: `The default of ${name} is sent as text: GitHub evaluates no expressions there`,
    }
  }
  const expected = expectedOf(type, options, text)
  return expected === undefined
    ? undefined
    : {
        path: [...path, 'default'],
        severity: 'warning',
        message: `The default of ${name} is ${JSON.stringify(value)}, but must be ${expected}`,
      }
}

/** What a default must be, if it is not. */
function expectedOf(
  type: Json | undefined,
  options: Json | undefined,
  text: string,
): string | undefined {
  if (type === 'boolean') return /^(?:true|false)$/i.test(text) ? undefined : 'true or false'
  if (type === 'number') {
    return text.trim() !== '' && Number.isFinite(Number(text)) ? undefined : 'a number'
  }
  if (type !== 'choice' || !Array.isArray(options) || options.length === 0) return undefined
  const all = options.map(textOf)
  return all.includes(text) || text === '' ? undefined : `one of its options: ${all.join(', ')}`
}
