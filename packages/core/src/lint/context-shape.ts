// What templates, conditions and forms can see, as far as it is certain. Sources: the trigger data that Port documents,
// and the published definitions. What is not listed here is not judged.

import { suggest } from '../text/suggest.ts'
import type { Scope } from './expressions.ts'
import type { Severity } from './finding.ts'
import { ENVIRONMENT, type PathUse, stepText as step, pathText as written } from './jq/reading.ts'
import type { Subject } from './subject.ts'

export interface Verdict {
  /** `unknown`: nothing has this name. `null`: this kind of action does not have it. */
  type: 'unknown' | 'null'
  severity: Severity
  message: string
  advice?: string
}

/** The roots of trigger data. */
const TEMPLATE_ROOTS = ['inputs', 'trigger', 'event', 'entity', 'action', 'run', 'secrets']
/** What else a template can begin with: the templates of Port's workflows see these, and run messages have them. */
const OTHER_ROOTS = [
  'outputs',
  'workflowRun',
  'workflowNodeRun',
  'result',
  'context',
  'payload',
  'resourceType',
  'status',
  'user',
  'form',
]
const EVENT_ROOTS = ['action', 'resourceType', 'trigger', 'context', 'diff']

const ENTITY = [
  'identifier',
  'title',
  'icon',
  'blueprint',
  'team',
  'properties',
  'relations',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'scorecards',
  'scorecardsStats',
]

/** Names that people use for a field, where another one is meant. */
const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    input: 'inputs',
    properties: 'inputs',
    secret: 'secrets',
    runId: 'run.id',
    diff: 'event.diff',
  },
  trigger: { user: 'by.user', email: 'by.user.email', userId: 'by.userId', orgId: 'by.orgId' },
  'trigger.by': { email: 'user.email', firstName: 'user.firstName', lastName: 'user.lastName' },
  run: { identifier: 'id', runId: 'id', run_id: 'id', _id: 'id' },
  action: { id: 'identifier', name: 'identifier', blueprintIdentifier: 'blueprint' },
  'event.context': {
    identifier: 'entityIdentifier',
    entity: 'entityIdentifier',
    entityId: 'entityIdentifier',
    blueprint: 'blueprintIdentifier',
  },
  event: { before: 'diff.before', after: 'diff.after', entity: 'diff.after' },
  'event.diff': { old: 'before', new: 'after' },
}

/** The fields of trigger data that are known to be all there are. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  trigger: ['by', 'origin', 'at', 'operation'],
  'event.diff': ['before', 'after'],
}

/** Events of entities, of which the shape is known. */
const ENTITY_EVENTS = [
  'ENTITY_CREATED',
  'ENTITY_UPDATED',
  'ENTITY_DELETED',
  'ANY_ENTITY_CHANGE',
  'TIMER_PROPERTY_EXPIRED',
]

/** Judges a path that an expression reads. */
export function judge(use: PathUse, scope: Scope, subject: Subject): Verdict | undefined {
  if (use.segments[0] === ENVIRONMENT) return noEnvironment(use)
  if (subject.trigger.type === 'node') return undefined
  switch (scope) {
    case 'template':
      return judgeTemplate(use, subject)
    case 'condition':
      return judgeCondition(use, subject)
    case 'form':
      return judgeForm(use, subject)
  }
}

function judgeTemplate(use: PathUse, subject: Subject): Verdict | undefined {
  const { segments } = use
  const [root, first] = segments
  if (typeof root !== 'string') return undefined
  const { trigger } = subject
  if (!TEMPLATE_ROOTS.includes(root)) return unknownRoot(root, segments)
  const isAutomation = trigger.type === 'automation'
  if (root === 'inputs') {
    if (isAutomation) return noInputs(use)
    return typeof first === 'string' ? judgeInput(first, use, '.inputs', subject) : undefined
  }
  if (root === 'event') {
    if (trigger.type === 'self-service') {
      return nullVerdict(use, 'is null in a self-service action: only automations have an event')
    }
    return isAutomation ? judgeEvent(segments.slice(1), use, '.event', subject) : undefined
  }
  if (root === 'entity') {
    const isCreate = trigger.type === 'self-service' && trigger.operation === 'CREATE'
    if (isCreate && segments.length > 1) {
      return nullVerdict(use, 'is null in an action that creates an entity: there is none yet')
    }
    return judgeEntity(segments.slice(1), '.entity', use)
  }
  return judgeFields(segments, use)
}

/** `env` and `$ENV` are empty objects in Port. */
function noEnvironment({ segments, isGuarded }: PathUse): Verdict {
  const below = segments.slice(1)
  return {
    type: 'unknown',
    severity: isGuarded ? 'warning' : 'error',
    message: `env${below.map(step).join('')} is always ${below.length > 0 ? 'null' : 'empty'}: Port has no environment variables for templates`,
    advice: 'Write the value, or store it in Port as a secret and read it from .secrets',
  }
}

/** `.runId` is null, and so is what else is none of the roots; the near ones can be named. */
function unknownRoot(root: string, segments: readonly (string | null)[]): Verdict | undefined {
  if (OTHER_ROOTS.includes(root)) return undefined
  const alias = ALIASES['']?.[root]
  const meant = alias ?? suggest(root, TEMPLATE_ROOTS)
  const rest = segments.slice(1).map(step).join('')
  return {
    type: 'unknown',
    severity: 'error',
    message: `.${root} is always null: templates see ${TEMPLATE_ROOTS.map((name) => `.${name}`).join(', ')}`,
    ...(meant !== undefined && { advice: `Did you mean .${meant}${rest}?` }),
  }
}

function noInputs(use: PathUse): Verdict {
  const message = '.inputs is null in an automation, which nobody fills in a form for'
  return {
    type: 'null',
    severity: use.isGuarded ? 'warning' : 'error',
    message,
    advice: 'Use .event, for example .event.diff.after.properties',
  }
}

function nullVerdict(use: PathUse, why: string): Verdict {
  const severity = use.isGuarded ? 'info' : 'warning'
  return { type: 'null', severity, message: `${written(use.segments)} ${why}` }
}

function judgeInput(
  name: string,
  use: PathUse,
  base: string,
  { inputs }: Subject,
): Verdict | undefined {
  if (inputs === undefined || inputs.has(name)) return undefined
  const meant = suggest(name, inputs.keys())
  return {
    type: 'unknown',
    severity: use.isGuarded ? 'warning' : 'error',
    message: `${base}${step(name)} is always null: the action has no user input ${JSON.stringify(name)}`,
    ...(meant !== undefined
      ? { advice: `Did you mean ${base}${step(meant)}?` }
      : inputs.size > 0 && inputs.size <= 12
        ? { advice: `It has ${[...inputs.keys()].join(', ')}` }
        : {}),
  }
}

function judgeEvent(
  segments: readonly (string | null)[],
  use: PathUse,
  base: string,
  subject: Subject,
): Verdict | undefined {
  const { trigger } = subject
  const event = trigger.type === 'automation' ? trigger.event : undefined
  const [field, which, ...rest] = segments
  if (field === 'diff' && (which === 'before' || which === 'after')) {
    if (which === 'before' && (event === 'ENTITY_CREATED' || event === 'RUN_CREATED')) {
      return nullVerdict(use, `is null in ${event}: what is created has no state before`)
    }
    if (which === 'after' && event === 'ENTITY_DELETED') {
      return nullVerdict(use, `is null in ${event}: what is deleted has no state after`)
    }
    if (event === undefined || !ENTITY_EVENTS.includes(event)) return undefined
    return judgeEntity(rest, `${base}.diff.${which}`, use)
  }
  return judgeFields(['event', ...segments], use, base)
}

function judgeEntity(
  segments: readonly (string | null)[],
  base: string,
  use: PathUse,
): Verdict | undefined {
  const [field] = segments
  if (typeof field !== 'string' || ENTITY.includes(field)) return undefined
  const severity = 'warning'
  if (field === 'name' || field === 'id') {
    const meant = field === 'id' ? 'identifier' : 'title'
    return {
      type: 'unknown',
      severity,
      message: `${base}.${field} is always null: an entity has no such field`,
      advice: `Did you mean ${base}.${meant} or ${base}.properties.${field}?`,
    }
  }
  const meant = suggest(field, ENTITY) ?? `properties${step(field)}`.replace(/^\./, '')
  return {
    type: 'unknown',
    severity: use.isGuarded ? 'info' : severity,
    message: `${base}${step(field)} is always null: the fields of an entity are ${ENTITY.slice(0, 7).join(', ')}`,
    advice: `Did you mean ${base}.${meant}?`,
  }
}

/** Other fields of trigger data: only where they are known to be all there are, or where another name is near. */
function judgeFields(
  segments: readonly (string | null)[],
  use: PathUse,
  base?: string,
): Verdict | undefined {
  for (let depth = 1; depth < segments.length; depth++) {
    const field = segments[depth]
    if (typeof field !== 'string') return undefined
    const parent = segments.slice(0, depth).join('.')
    const closed = CLOSED[parent]
    const aliases = ALIASES[parent]
    const alias = aliases && Object.hasOwn(aliases, field) ? aliases[field] : undefined
    if (alias === undefined && (closed === undefined || closed.includes(field))) continue
    const meant = alias ?? suggest(field, closed ?? [])
    const where = base === undefined ? `.${parent}` : `.${parent}`.replace(/^\.event/, base)
    return {
      type: 'unknown',
      severity: use.isGuarded ? 'info' : 'warning',
      message: `${where}${step(field)} is always null`,
      ...(meant !== undefined && { advice: `Did you mean ${where}.${meant}?` }),
    }
  }
  return undefined
}

function judgeCondition(use: PathUse, subject: Subject): Verdict | undefined {
  const { segments } = use
  const [root] = segments
  if (typeof root !== 'string') return undefined
  if (EVENT_ROOTS.includes(root)) return judgeEvent(segments, use, '', subject)
  const below = segments.slice(1).map(step).join('')
  const meant = root === 'event' ? below : `.${suggest(root, EVENT_ROOTS) ?? ''}${below}`
  return {
    type: 'unknown',
    severity: 'warning',
    message: `.${root} is always null in a condition, which sees the event itself: ${EVENT_ROOTS.map((name) => `.${name}`).join(', ')}`,
    ...(/^\.\w/.test(meant) && { advice: `Did you mean ${meant}?` }),
  }
}

function judgeForm(use: PathUse, subject: Subject): Verdict | undefined {
  const [root, name] = use.segments
  if (root === 'inputs' || root === 'properties' || root === 'secrets') {
    return {
      type: 'unknown',
      severity: 'warning',
      message: `.${root} is always null in a form, which sees .form, .entity and .user`,
      ...(root !== 'secrets' && {
        advice: `Did you mean .form${use.segments.slice(1).map(step).join('')}?`,
      }),
    }
  }
  if (root !== 'form' || typeof name !== 'string') return undefined
  return judgeInput(name, use, '.form', subject)
}
