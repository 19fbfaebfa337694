import type { Json } from '../json.ts'

/** How a user input reaches what takes it. */
export interface Sending {
  /** The workflow input or pipeline variable. */
  key: string
  /** The user input. */
  name: string
  type: string
  isRequired: boolean
  /** What is sent if nothing was entered; undefined: the whole entry is left out. */
  otherwise: Json | undefined
}

/**
 * The entry of a payload that sends a user input. An input that was left empty is null in a template, and would be sent as
 * the text `null`.
 */
export function sentEntry({
  key,
  name,
  type,
  isRequired,
  otherwise,
}: Sending): [key: string, template: string] {
  const path = inputPath(name)
  if (isRequired) return [key, `{{ ${path} }}`]
  if (otherwise === undefined) {
    return [`{{ if ${path} != null then ${jqConstant(key)} else null end }}`, `{{ ${path} }}`]
  }
  const constant = jqConstant(otherwise)
  // `//` would take false for nothing.
  return type === 'boolean' && otherwise !== false
    ? [key, `{{ if ${path} == null then ${constant} else ${path} end }}`]
    : [key, `{{ ${path} // ${constant} }}`]
}

function inputPath(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.inputs.${name}` : `.inputs[${jqConstant(name)}]`
}

/** A constant of jq. Port would take some single quotes for double ones, and pairs of braces for the end of a template. */
function jqConstant(value: Json): string {
  return JSON.stringify(value).replaceAll(/"(?:[^"\\]|\\.)*"|\}(?=\})/g, (part) =>
    part === '}' ? '} ' : part.replaceAll(/['{}]/g, escapeLetter),
  )
}

function escapeLetter(letter: string): string {
  return `\\u00${letter.charCodeAt(0).toString(16)}`
}
