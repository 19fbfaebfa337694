import { hasType, isJsonObject, type Json, type JsonObject, setOwn } from '../json.ts'
import { textOf } from '../lint/workflow/workflow.ts'
import { formatPath } from '../path.ts'
import { runIdInput } from '../run/find-run-id.ts'
import { titleOf } from './names.ts'
import type { InitNote } from './note.ts'
import { sentEntry } from './sent-entry.ts'

/** What is sent for the id of the run. */
export const RUN_ID = '{{ .run.id }}'
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

/** The form of an action, and what it sends, from the inputs and the variables of a pipeline. */
export class FormReading {
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
      setOwn(inputs, name, RUN_ID)
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
    // Null is what GitLab takes for no default, and yet none is required.
    const isGiven = fallback !== undefined && fallback !== null
    const isOfType = isGiven && hasType(fallback, formType)
    const isOption = values.length === 0 || values.some((value) => value === fallback)
    if (isGiven && !(isOfType && isOption)) {
      const why = isOfType ? 'one of its options' : `of its type ${formType}`
      const message = `its default ${JSON.stringify(fallback)} is not ${why} and is left out`
      this.notes.push({ path, message })
    }
    const isDefaultKept = isOfType && isOption
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
        otherwise: isDefaultKept ? fallback : undefined,
      },
      inputs,
    )
  }

  readVariables(all: Json | undefined): void {
    if (!isJsonObject(all)) return
    for (const [key, variable] of Object.entries(all)) {
      // GitLab asks for those that have a description.
      if (!isJsonObject(variable) || typeof variable.description !== 'string') continue
      const path = formatPath(['variables', key])
      if (!/^\w+$/.test(key)) {
        const message = 'is left out: the name of a variable has letters, digits and _ only'
        this.notes.push({ path, message })
        continue
      }
      if (runIdInput(key) === 'run-id') {
        setOwn(this.variables, key, RUN_ID)
        continue
      }
      this.#noteLost(variable, VARIABLE_KEYS, path)
      const name = this.#nameOf(key)
      const texts = Array.isArray(variable.options)
        ? [...new Set(variable.options.map(textOf))]
        : []
      const options = texts.filter((text) => text !== '')
      const isFlag = options.length === 2 && options.includes('true') && options.includes('false')
      const written = textOf(variable.value ?? '')
      const isOption = texts.length === 0 || texts.includes(written)
      if (!isOption && written !== '') {
        const message = `its value ${JSON.stringify(written)} is not one of its options and is left out`
        this.notes.push({ path, message })
      }
      const text = isOption ? written : ''
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
    return Object.hasOwn(this.properties, name) ? key : name
  }

  #add(field: Field, sent: JsonObject): void {
    const { key, name, definition, isRequired, otherwise } = field
    setOwn(this.properties, name, definition)
    if (isRequired) this.required.push(name)
    const [entry, template] = sentEntry({ key, name, type: definition.type, isRequired, otherwise })
    setOwn(sent, entry, template)
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
