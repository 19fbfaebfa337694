import { type Action, parseAction } from '@port-dispatch/core/action'
import { loadAction, parseDocument } from '@port-dispatch/dispatcher/host'
import { isInline } from './document-input.ts'
import { requiredInput, textInput } from './inputs.ts'
import { portFromInputs } from './port-from-inputs.ts'

const SUBJECT = 'The input invocationMethod'

/**
 * What the input `invocationMethod` holds, or names.
 *
 * @throws InputError if it is not valid, PortError or TransportError if Port cannot give it
 */
export async function invocationInput(): Promise<Action> {
  const source = requiredInput(
    'invocationMethod',
    'give an invocationMethod as JSON or YAML, the path of a file with one, or the identifier of an action in Port',
  )
  if (isInline(source)) {
    return parseAction(
      await parseDocument(source, 'invocationMethod', SUBJECT, { excerpt: 'show' }),
      SUBJECT,
    )
  }
  return await loadAction(source, () => (hasCredentials() ? portFromInputs() : undefined))
}

export function hasCredentials(): boolean {
  return textInput('clientId') !== undefined || textInput('clientSecret') !== undefined
}
