// What the services have in common.
import { described, recordOf, text } from '@port-dispatch/core/schema'
import * as v from 'valibot'

export const optional = v.exactOptional
export const scalar = v.union(
  [v.string(), v.number(), v.boolean()],
  'a string, a number, true or false',
)
export const id = v.pipe(
  v.number('a positive whole number'),
  v.integer('a positive whole number'),
  v.minValue(1, 'a positive whole number'),
)
export const SECONDS = 'a number of seconds, 0 or more'
export const seconds = v.pipe(v.number(SECONDS), v.minValue(0, SECONDS))

export function oneOf<const Options extends readonly string[]>(...options: Options) {
  return v.picklist(options, `one of ${options.join(', ')}`)
}

export function listOf<Item extends v.GenericSchema<unknown, unknown>>(item: Item) {
  return v.array(item, 'a list')
}

export const condition = recordOf(v.union([scalar, listOf(scalar)], 'a value or a list of values'))

export const when = described(
  condition,
  'Each named input or variable must have the value, or one of the values. Values are compared as text.',
  { environment: ['staging', 'production'] },
)
export const log = described(listOf(text), 'Lines that it prints.')

export const defaultBranch = optional(described(text, 'Default: main.'))
export const branches = optional(
  described(listOf(text), 'Branches in addition to the default branch.'),
)
export const tags = optional(listOf(text))
