// The fields of a definition around its invocation method: those that Port's API takes, and those that it returns.
import type { Problem } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { formatPath } from '../path.ts'
import { suggest } from '../text/suggest.ts'
import type { ActionNote } from './action-note.ts'
import { ACTION_ENTRIES, TRIGGER_ENTRIES, USER_INPUTS_ENTRIES } from './definition-entries.ts'

const ACTION_FIELDS = Object.keys(ACTION_ENTRIES)
const TRIGGER_FIELDS = Object.keys(TRIGGER_ENTRIES)
const USER_INPUTS_FIELDS = Object.keys(USER_INPUTS_ENTRIES)

/** Of responses, of Port's first version of actions, and of editors. */
const OTHER_FIELDS = [
  ...['id', 'orgId', 'permissions', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy'],
  ...['userInputs', 'order', 'blueprint', 'scope', 'ok', '$schema'],
]

/**
 * The fields of an action around its invocation method that Port does not have: problems where they stand for a field that
 * is missing, notes otherwise.
 *
 * @param base path of the action within the subject
 */
export function strayFields(
  action: JsonObject,
  base: readonly (string | number)[],
): { notes: ActionNote[]; problems: Problem[] } {
  const notes: ActionNote[] = []
  const problems: Problem[] = []
  const look = (
    value: JsonObject,
    path: readonly (string | number)[],
    what: string,
    fields: readonly string[],
    others: readonly string[] = [],
  ) => {
    for (const key of Object.keys(value)) {
      if (fields.includes(key) || others.includes(key) || value[key] === null) continue
      const meant = suggest(key, fields)
      const place = formatPath([...path, key])
      if (meant === 'invocationMethod' && !('invocationMethod' in value)) {
        const found = `is not a field of ${what}`
        problems.push({ path: place, found, advice: `Write ${meant}` })
        continue
      }
      const hint = meant === undefined ? '' : `. Did you mean ${JSON.stringify(meant)}?`
      const message = `is not a field of ${what} and has no effect${hint}`
      notes.push({ type: 'unknown-key', path: place, message })
    }
  }
  look(action, base, 'an action', ACTION_FIELDS, OTHER_FIELDS)
  const { trigger } = action
  if (isJsonObject(trigger)) {
    const path = [...base, 'trigger']
    look(trigger, path, 'a trigger', TRIGGER_FIELDS)
    if (isJsonObject(trigger.userInputs)) {
      look(trigger.userInputs, [...path, 'userInputs'], 'userInputs', USER_INPUTS_FIELDS)
    }
  }
  return { notes, problems }
}
