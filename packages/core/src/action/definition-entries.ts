// The fields of a definition around its invocation method, with what they are for. The parser reads few of them: it refuses
// no definition for the others, which Port checks.
import * as v from 'valibot'
import {
  anyInvocationMethod,
  anyText,
  described,
  object,
  recordOf,
  text,
} from '../schema/schemas.ts'

const optional = v.exactOptional
const flag = v.boolean('true or false')
const number = v.number('a number')

/** A jq program whose result is the value, which is evaluated while the form is filled in. */
const jqQuery = object({
  jqQuery: described(text, 'A jq program. It sees .form, .entity and .user.', '.form.size > 1'),
})
const flagOrQuery = v.union([flag, jqQuery], 'true, false or a jqQuery')
const names = v.array(v.string(), 'a list of names')

export const INPUT_TYPES = ['string', 'number', 'boolean', 'object', 'array'] as const

/** Of each of the user inputs. */
export const USER_INPUT_ENTRIES = {
  type: optional(
    described(
      v.picklist(INPUT_TYPES, `one of ${INPUT_TYPES.join(', ')}`),
      'The type of its value.',
    ),
  ),
  title: optional(described(anyText, 'The label in the form.')),
  description: optional(described(anyText, 'The text below the label.')),
  icon: optional(anyText),
  default: optional(described(v.any(), 'A value of its type, or a jqQuery.')),
  enum: optional(
    described(
      v.union([v.array(v.any()), jqQuery], 'a list of values or a jqQuery'),
      'The values to choose from, or a jqQuery that gives them.',
    ),
  ),
  enumColors: optional(described(recordOf(v.string()), 'A color for each value of enum.')),
  format: optional(
    described(
      anyText,
      'What kind of text it is.',
      ...['entity', 'user', 'team', 'date-time', 'url', 'email', 'markdown', 'multi-line', 'yaml'],
    ),
  ),
  blueprint: optional(described(anyText, 'With the format entity: whose entities can be chosen.')),
  dataset: optional(described(v.any(), 'With the format entity: which of them can be chosen.')),
  sort: optional(described(v.any(), 'With the format entity: their order.')),
  pattern: optional(
    described(
      v.union([anyText, jqQuery], 'a regular expression'),
      'A regular expression for its text.',
    ),
  ),
  minLength: optional(number),
  maxLength: optional(number),
  minimum: optional(number),
  maximum: optional(number),
  minItems: optional(number),
  maxItems: optional(number),
  uniqueItems: optional(flag),
  items: optional(described(v.any(), 'With the type array: what its items are.')),
  dependsOn: optional(described(names, 'User inputs of which its values depend.')),
  visible: optional(described(flagOrQuery, 'Whether the form shows it. Default: true.')),
  disabled: optional(described(flagOrQuery, 'Whether it cannot be changed. Default: false.')),
  encryption: optional(described(v.any(), 'Encrypts its value for the backend.', 'aes256-gcm')),
}

/** Of the form. */
export const USER_INPUTS_ENTRIES = {
  properties: optional(
    described(recordOf(object(USER_INPUT_ENTRIES)), 'The user inputs, by their names.'),
  ),
  required: optional(
    described(
      v.union([names, jqQuery], 'a list of names or a jqQuery'),
      'The user inputs without which the action cannot be run.',
    ),
  ),
  order: optional(described(names, 'The order of the user inputs, and of titles.')),
  titles: optional(described(v.any(), 'Headings between the user inputs.')),
  steps: optional(
    described(
      v.array(object({ title: optional(anyText), order: optional(names) }), 'a list of steps'),
      'The pages of the form.',
    ),
  ),
}

/** Of what starts the action. */
export const TRIGGER_ENTRIES = {
  type: optional(
    described(anyText, 'Whether people run it, or an event does.', 'self-service', 'automation'),
  ),
  operation: optional(
    described(
      anyText,
      'CREATE makes an entity, DAY-2 and DELETE are run on one.',
      ...['CREATE', 'DAY-2', 'DELETE'],
    ),
  ),
  blueprintIdentifier: optional(described(anyText, 'The blueprint whose entities it is run on.')),
  userInputs: optional(described(object(USER_INPUTS_ENTRIES), 'The form.')),
  actionCardButtonText: optional(anyText),
  executeActionButtonText: optional(anyText),
  condition: optional(described(v.any(), 'When it can be run, or which events run it.')),
  event: optional(
    described(v.any(), 'Of an automation: the event that runs it.', {
      type: 'ENTITY_UPDATED',
      blueprintIdentifier: 'service',
    }),
  ),
}

/** Of `PUT /v1/actions/{action_identifier}`. */
export const ACTION_ENTRIES = {
  identifier: optional(described(text, 'Unique in the organization.', 'deploy_service')),
  title: optional(described(anyText, 'What people see.')),
  icon: optional(anyText),
  description: optional(anyText),
  trigger: optional(
    described(
      v.union([object(TRIGGER_ENTRIES), v.string()], 'an object'),
      'What starts it. A string in the first version of actions.',
    ),
  ),
  invocationMethod: described(anyInvocationMethod, 'What it starts.'),
  requiredApproval: optional(described(v.any(), 'Whether somebody has to approve each run.')),
  approvalNotification: optional(v.any()),
  publish: optional(described(flag, 'Of an automation: whether it is active.')),
  allowAnyoneToViewRuns: optional(flag),
}
