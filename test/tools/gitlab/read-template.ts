import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

export interface ComponentInput {
  description?: string
  type?: 'string' | 'boolean' | 'number' | 'array'
  default?: unknown
  options?: unknown[]
  regex?: string
}

export interface Template {
  text: string
  header: { spec: { inputs: Record<string, ComponentInput> } }
  /** What follows the header, with inputs still to be filled in. */
  body: Record<string, unknown>
}

export function readTemplate(name: string): Template {
  const text = readFileSync(`templates/${name}/template.yml`, 'utf8')
  const [header, body] = parseAllDocuments(text).map((document) => document.toJS())
  return { text, header, body }
}

/** Fills in inputs as GitLab does: a value that is an input alone keeps the input's type. */
export function fillIn(node: unknown, inputs: Record<string, unknown>): unknown {
  if (typeof node === 'string') {
    const whole = /^\$\[\[ inputs\.([\w-]+) \]\]$/.exec(node)?.[1]
    if (whole !== undefined) return inputs[whole]
    return node.replace(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name) => String(inputs[name]))
  }
  if (Array.isArray(node)) return node.map((item) => fillIn(item, inputs))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [`${fillIn(key, inputs)}`, fillIn(value, inputs)]),
  )
}
