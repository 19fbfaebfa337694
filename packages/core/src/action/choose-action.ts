import { phrase, setting } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { formatPath } from '../path.ts'
import { describe, notValid } from '../schema/check.ts'
import { isTerraform, terraformProblem } from './foreign-shape.ts'

export interface ChosenAction {
  /** An action, or a bare invocation method. The `config` of a node is its invocation method. */
  action: JsonObject
  /** Where it stands. */
  path: (string | number)[]
  /** Whether it is a node of a workflow of Port. */
  isNode: boolean
}

const EXPECTED = 'an action definition, or its invocationMethod, as an object'

/**
 * Takes the action out of what holds it: a list, a response of Port's API, a workflow of Port.
 *
 * @param identifier which one, required if there are several
 * @throws InputError if there is no action, or several and none is chosen
 */
export function chooseAction(value: unknown, subject: string, identifier?: string): ChosenAction {
  const all = listActions(value)
  if (!all) {
    const foreign = typeof value === 'string' && isTerraform(value) ? terraformProblem : undefined
    throw notValid(subject, [
      foreign ?? {
        path: '',
        found: value === undefined ? 'is empty' : `found ${describe(value)}`,
        expected: EXPECTED,
      },
    ])
  }
  const wanted =
    identifier === undefined
      ? all
      : all.filter(({ action }) => action.identifier === identifier || isBare(action, all))
  const [first] = wanted
  if (first !== undefined && wanted.length === 1) return first
  if (all.length === 0) {
    throw notValid(subject, [{ path: '', found: 'holds no action', expected: EXPECTED }])
  }
  const names = listNames(all)
  if (identifier !== undefined) {
    const found =
      wanted.length === 0
        ? `holds no action ${JSON.stringify(identifier)}, but ${names}`
        : `holds ${wanted.length} actions ${JSON.stringify(identifier)}`
    throw notValid(subject, [{ path: '', found }])
  }
  throw notValid(subject, [
    {
      path: '',
      found: `holds ${all.length} actions: ${names}`,
      advice: phrase`Choose one by its identifier: ${setting('action')} FILE#identifier`,
    },
  ])
}

/** A bare invocation method has no identifier that could differ. */
function isBare(action: JsonObject, all: readonly ChosenAction[]): boolean {
  return all.length === 1 && !('invocationMethod' in action)
}

function listNames(all: readonly ChosenAction[]): string {
  const names = all.map(({ action, path }) =>
    typeof action.identifier === 'string' ? action.identifier : `the one at ${formatPath(path)}`,
  )
  const shown = names.slice(0, 20).join(', ')
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}

/** The actions in a document, unless it holds none: a list, a response of Port, a workflow of Port, or one alone. */
export function listActions(value: unknown): ChosenAction[] | undefined {
  if (Array.isArray(value)) return itemsOf(value, [])
  if (!isJsonObject(value)) return undefined
  if ('invocationMethod' in value || typeof value.type === 'string') return [single(value)]
  const { action, actions, nodes } = value
  if (Array.isArray(actions)) return itemsOf(actions, ['actions'])
  // The response of GET /v1/actions/{action_identifier} wraps the action.
  if (isJsonObject(action) && ('invocationMethod' in action || value.ok === true)) {
    return [{ ...single(action), path: ['action'] }]
  }
  if (Array.isArray(nodes)) return itemsOf(nodes, ['nodes']).filter(isActionNode)
  return [single(value)]
}

function itemsOf(items: readonly unknown[], base: readonly string[]): ChosenAction[] {
  return items.flatMap((item, index) =>
    isJsonObject(item) ? [{ ...single(item), path: [...base, index] }] : [],
  )
}

function single(value: JsonObject): ChosenAction {
  const { config, ...rest } = value
  if ('invocationMethod' in value || 'type' in value || !isJsonObject(config)) {
    return { action: value, path: [], isNode: false }
  }
  return { action: { ...rest, invocationMethod: config }, path: [], isNode: true }
}

/** Triggers and conditions do nothing. */
function isActionNode({ action, isNode }: ChosenAction): boolean {
  const { invocationMethod } = action
  if (!isNode || !isJsonObject(invocationMethod)) return false
  return !/_TRIGGER$|^CONDITION$/.test(String(invocationMethod.type))
}
