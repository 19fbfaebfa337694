// Reads an action as it is written, so that findings can say where: unlike the parsed action it keeps what is not valid.
import { listActions } from '../action/choose-action.ts'
import { guessType, isInvocationType } from '../action/parse-invocation-method.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Path } from './finding.ts'

/** One of the user inputs of an action. */
export interface UserInput {
  name: string
  path: Path
  definition: JsonObject
  /** Undefined if it is not written as a string. */
  type: string | undefined
  /** The values that can be chosen, if they are a list of constants. */
  values: readonly Json[] | undefined
  /** Whether it has a value in every run: it is required, or has a constant default. */
  isAlwaysSet: boolean
}

/** What starts an action, as far as it is known. */
export type Trigger =
  | { type: 'self-service'; operation: string | undefined }
  | { type: 'automation'; event: string | undefined }
  /** A node of a workflow of Port, whose templates see something else. */
  | { type: 'node' }
  | { type: 'unknown' }

/** An action of a file. */
export interface Subject {
  file: string
  identifier: string | undefined
  /** The whole action, or a bare invocation method. */
  action: JsonObject
  /** Where it is in the file. */
  path: Path
  trigger: Trigger
  /** Where `trigger` is. */
  triggerPath: Path
  userInputs: JsonObject | undefined
  userInputsPath: Path
  /** By name. Undefined if they are not known: a bare invocation method, or inputs that are not an object. */
  inputs: ReadonlyMap<string, UserInput> | undefined
  method: JsonObject | undefined
  methodPath: Path
  /** `GITHUB`, `WEBHOOK` … */
  methodType: string | undefined
  /** Whether it is written as in the first version of Port's actions. */
  isV1: boolean
}

/** @returns undefined if the document holds no actions */
export function readSubjects(file: string, document: unknown): Subject[] | undefined {
  const found = listActions(document)
  if (found === undefined || found.length === 0) return undefined
  const isAlone = found.length === 1 && found[0]?.path.length === 0
  return found.map(({ action, path, isNode }) => readSubject(file, action, path, isNode, isAlone))
}

function readSubject(
  file: string,
  action: JsonObject,
  path: Path,
  isNode: boolean,
  isAlone: boolean,
): Subject {
  const isBare = isAlone && isBareMethod(action)
  const method = isBare ? action : action.invocationMethod
  const { trigger, userInputs: onTop } = action
  const isV1 = typeof trigger === 'string' || isJsonObject(onTop)
  const below = isJsonObject(trigger) ? trigger.userInputs : undefined
  const userInputs = isJsonObject(onTop) ? onTop : below
  const userInputsPath = isJsonObject(onTop)
    ? [...path, 'userInputs']
    : [...path, 'trigger', 'userInputs']
  const { identifier } = action
  return {
    file,
    identifier: typeof identifier === 'string' && !isBare ? identifier : undefined,
    action,
    path,
    trigger: isNode ? { type: 'node' } : readTrigger(trigger),
    triggerPath: [...path, 'trigger'],
    userInputs: isJsonObject(userInputs) ? userInputs : undefined,
    userInputsPath,
    inputs: isBare || isNode ? undefined : readInputs(userInputs, userInputsPath, isV1, trigger),
    method: isJsonObject(method) ? method : undefined,
    methodPath: isBare ? path : [...path, isNode ? 'config' : 'invocationMethod'],
    methodType: isJsonObject(method) && typeof method.type === 'string' ? method.type : undefined,
    isV1,
  }
}

function isBareMethod(value: JsonObject): boolean {
  if ('invocationMethod' in value) return false
  return 'type' in value || (value.identifier === undefined && guessType(value) !== undefined)
}

function readTrigger(trigger: Json | undefined): Trigger {
  if (typeof trigger === 'string') return { type: 'self-service', operation: trigger }
  if (!isJsonObject(trigger)) return { type: 'unknown' }
  const { type, operation, event } = trigger
  if (type === 'self-service') {
    return { type, operation: typeof operation === 'string' ? operation : undefined }
  }
  if (type !== 'automation') return { type: 'unknown' }
  const name = isJsonObject(event) ? event.type : event
  return { type, event: typeof name === 'string' ? name : undefined }
}

function readInputs(
  userInputs: Json | undefined,
  path: Path,
  isV1: boolean,
  trigger: Json | undefined,
): ReadonlyMap<string, UserInput> | undefined {
  const isSelfService = isV1 || (isJsonObject(trigger) && trigger.type === 'self-service')
  if (!isJsonObject(userInputs)) {
    // A form without fields.
    return isSelfService && (userInputs === undefined || userInputs === null)
      ? new Map()
      : undefined
  }
  const { properties, required } = userInputs
  if (properties === undefined) return new Map()
  if (!isJsonObject(properties)) return undefined
  const names = Array.isArray(required) ? required : []
  return new Map(
    Object.entries(properties).flatMap(([name, definition]): [string, UserInput][] => {
      if (!isJsonObject(definition)) return []
      const { type, enum: values, default: fallback } = definition
      const isRequired = names.includes(name) && definition.disabled !== true
      return [
        [
          name,
          {
            name,
            path: [...path, 'properties', name],
            definition,
            type: typeof type === 'string' ? type : undefined,
            values: Array.isArray(values) && values.every(isScalar) ? values : undefined,
            isAlwaysSet: isRequired || (fallback !== undefined && fallback !== null),
          },
        ],
      ]
    }),
  )
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null
}

/** Whether a document holds actions, and is not something else that lies beside them, such as a context. */
export function holdsActions(document: unknown): boolean {
  const found = listActions(document) ?? []
  return found.some(({ action, isNode }) => {
    if (isNode) return true
    const { invocationMethod, type } = action
    return isJsonObject(invocationMethod) || isInvocationType(type)
  })
}
