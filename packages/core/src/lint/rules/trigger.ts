import { isJsonObject, type Json } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Draft, Path, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

const EVENTS = [
  'ENTITY_CREATED',
  'ENTITY_UPDATED',
  'ENTITY_DELETED',
  'ANY_ENTITY_CHANGE',
  'TIMER_PROPERTY_EXPIRED',
  'RUN_CREATED',
  'RUN_UPDATED',
  'ANY_RUN_CHANGE',
]
const OPERATIONS = ['CREATE', 'DAY-2', 'DELETE']
const TYPES = ['self-service', 'automation']

export const trigger: Rule<Lintee> = {
  id: 'trigger',
  severity: 'warning',
  summary: 'The trigger has a type, an operation, an event and a condition that Port knows',
  *check({ subject }) {
    const { trigger: written } = subject.action
    if (!isJsonObject(written) || subject.trigger.type === 'node') return
    const { type, operation, event } = written
    const path = subject.triggerPath
    const known: [string, unknown, readonly string[], readonly string[]][] = [
      ['type', type, TYPES, ['type']],
      ['operation', operation, OPERATIONS, ['operation']],
      ['event', isJsonObject(event) ? event.type : undefined, EVENTS, ['event', 'type']],
    ]
    for (const [what, value, all, below] of known) {
      if (typeof value !== 'string' || all.includes(value)) continue
      const meant = suggest(value, all)
      yield {
        path: [...path, ...below],
        message: `${JSON.stringify(value)} is not ${what === 'type' ? 'a trigger' : `an ${what}`} of Port: ${all.join(', ')}`,
        ...(meant !== undefined && { advice: `Did you mean ${meant}?` }),
      }
    }
    if (type === 'automation') yield* condition(written.condition, [...path, 'condition'])
  },
}

/** https://docs.port.io/actions-and-automations/define-automations/setup-trigger */
function* condition(written: Json | undefined, path: Path): Generator<Draft> {
  if (!isJsonObject(written)) return
  const { type, combinator, expressions } = written
  const known: [string, Json | undefined, readonly string[]][] = [
    ['type', type, ['JQ']],
    ['combinator', combinator, ['and', 'or']],
  ]
  for (const [name, value, all] of known) {
    if (value === undefined || value === null || all.some((each) => each === value)) continue
    yield {
      path: [...path, name],
      message: `The ${name} of a condition is ${JSON.stringify(value)}, which Port does not have`,
      advice: `Write ${all.find((each) => each.toLowerCase() === String(value).toLowerCase()) ?? all.join(' or ')}`,
    }
  }
  if (typeof expressions === 'string') {
    yield {
      path: [...path, 'expressions'],
      message: 'The expressions of a condition are a list',
      advice: `Write [${JSON.stringify(expressions)}]`,
    }
  }
}
