import { formatPath, type Json, type JsonObject } from '@port-dispatch/core'

/** Values as they are sent, and what the user should know of them. */
export interface TextValues {
  values: Record<string, string>
  notes: string[]
}

/**
 * Workflow inputs and pipeline variables are strings: strings stay as they are, everything else becomes JSON.
 *
 * @param field where the values come from, for the notes: `workflowInputs`
 */
export function textValues(field: string, rendered: JsonObject): TextValues {
  const entries = Object.entries(rendered)
  return {
    values: Object.fromEntries(entries.map(([key, value]) => [key, toText(value)])),
    notes: entries
      .filter(([, value]) => value === null)
      .map(
        ([key]) =>
          `${formatPath([field, key])} is null and is sent as the text "null". To leave it out, set its key to null as well: "{{ if … then "${key}" else null end }}".`,
      ),
  }
}

function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
