import { isJsonObject } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Rule } from '../finding.ts'
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
  summary: 'The trigger has a type, an operation and an event that Port knows',
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
  },
}
