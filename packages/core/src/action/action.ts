import * as v from 'valibot'
import { isJsonObject, type JsonObject } from '../json.ts'
import { notValid, validate } from '../schema/check.ts'
import { anyText, object, text } from '../schema/schemas.ts'
import type { ActionNote } from './action-note.ts'
import { chooseAction } from './choose-action.ts'
import { strayFields } from './definition-fields.ts'
import { foreignShape, isContext } from './foreign-shape.ts'
import type { InvocationMethod } from './invocation-method.ts'
import { guessType, isInvocationType, parseInvocationMethod } from './parse-invocation-method.ts'
import { modernize } from './v1.ts'

/** The part of a stored action that dispatching needs. */
export interface Action {
  /** Missing if a bare invocation method was given. */
  identifier?: string
  title?: string
  invocationMethod: InvocationMethod
  /** What is worth knowing about the definition. Part of the notes of {@link renderInvocationMethod}. */
  notes: ActionNote[]
}

export interface ParseActionOptions {
  /** Which action is meant. Required only if the value holds several. */
  identifier?: string | undefined
}

const schema: v.GenericSchema<unknown, { identifier?: string; title?: string }> = object({
  identifier: v.exactOptional(text),
  title: v.exactOptional(anyText),
})

/**
 * Reads an action definition as Port stores it or stored it, one of several in a list or in a response of Port's API
 * (`{ok, action}`, `{ok, actions}`), a node of a workflow of Port, or a bare invocation method. Null means that an
 * optional field is absent.
 *
 * @param subject what is parsed, as the user knows it: `The action a.json`
 * @throws InputError with every problem
 */
export function parseAction(
  value: unknown,
  subject = 'The action',
  options: ParseActionOptions = {},
): Action {
  const chosen = chooseAction(value, subject, options.identifier)
  const { path, isNode } = chosen
  const bare = isBareMethod(chosen.action)
  const given = bare ? { invocationMethod: chosen.action } : chosen.action
  const { invocationMethod: method } = given
  if (!isJsonObject(method) || !isInvocationType(method.type)) {
    const foreign = foreignShape(bare ? chosen.action : given)
    if (foreign) throw notValid(subject, [foreign])
  }
  const stray = bare || isNode ? undefined : strayFields(given, path)
  if (stray && stray.problems.length > 0) throw notValid(subject, stray.problems)
  const { action, notes } = modernize(given)
  const { identifier, title } = validate(schema, action, subject, path)
  const base = [...path, ...(bare ? [] : [isNode ? 'config' : 'invocationMethod'])]
  const parsed = parseInvocationMethod(
    isNode ? withNodeDefaults(action.invocationMethod) : action.invocationMethod,
    subject,
    base,
  )
  return {
    ...(identifier !== undefined && { identifier }),
    ...(title && { title }),
    invocationMethod: parsed.method,
    notes: [...(stray?.notes ?? []), ...notes, ...parsed.notes],
  }
}

function isBareMethod(value: JsonObject): boolean {
  if ('invocationMethod' in value || isContext(value)) return false
  return 'type' in value || (value.identifier === undefined && guessType(value) !== undefined)
}

/** A webhook of a workflow of Port is waited for, unlike one of an action. */
function withNodeDefaults(config: JsonObject[string] | undefined): JsonObject[string] | undefined {
  if (!isJsonObject(config) || config.type !== 'WEBHOOK') return config
  return { ...config, synchronized: config.synchronized ?? true }
}
