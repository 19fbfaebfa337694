import * as v from 'valibot'
import { InputError } from '../errors.ts'
import { isJsonObject } from '../json.ts'
import { type InvocationMethod, parseInvocationMethod } from './invocation-method.ts'
import { anyText, text } from './schemas.ts'
import { validate } from './validate.ts'

/** The part of a stored action that dispatching needs. */
export interface Action {
  /** Missing if a bare invocation method was given. */
  identifier?: string
  title?: string
  invocationMethod: InvocationMethod
}

const schema = v.looseObject({ identifier: v.optional(text), title: v.nullish(anyText) })

/**
 * Reads an action definition as Port's API and its Terraform and UI exports give it, or a bare invocation method.
 *
 * @param subject what is parsed, as the user knows it
 * @throws InputError with every problem
 */
export function parseAction(value: unknown, subject = 'The action'): Action {
  if (!isJsonObject(value)) {
    throw new InputError(`${subject} is not valid:`, [
      { path: '', found: 'expected an action definition, or its invocationMethod, as an object' },
    ])
  }
  // The answer of GET /v1/actions/{id} wraps the action.
  if (isJsonObject(value.action) && isJsonObject(value.action.invocationMethod)) {
    return parseAction(value.action, subject)
  }
  if (!('invocationMethod' in value) && 'type' in value) {
    return { invocationMethod: parseInvocationMethod(value, subject) }
  }
  const { identifier, title } = validate(schema, value, subject)
  return {
    ...(identifier !== undefined && { identifier }),
    ...(title && { title }),
    invocationMethod: parseInvocationMethod(value.invocationMethod, subject, ['invocationMethod']),
  }
}
