// The operations of port-labs/port-github-action on entities, with its inputs, outputs and defaults.
import { setOutput } from '@actions/core'
import { type JsonObject, systemClock } from '@port-dispatch/core'
import type { CallOptions } from '@port-dispatch/core/port'
import { checkInputs } from '../../inputs/check-inputs.ts'
import { documentInput, isInline, jsonInput, jsonObjectInput } from '../../inputs/document-input.ts'
import {
  durationInput,
  flagInput,
  type InputName,
  requiredInput,
  textInput,
} from '../../inputs/inputs.ts'
import { portFromInputs } from '../../inputs/port-from-inputs.ts'
import { runnerLogger } from '../../runner.ts'
import { bulkUpsert, readEntities } from './bulk-upsert.ts'

/** `operation: UPSERT`: stores an entity, and leaves the properties and relations alone that it does not name. */
export async function upsertEntity(): Promise<void> {
  checkInputs('UPSERT')
  const blueprint = blueprintInput('UPSERT')
  const entity = {
    ...texts('identifier', 'title', 'icon'),
    blueprint,
    properties: (await jsonObjectInput('properties')) ?? {},
    ...(await teamInput()),
    relations: (await jsonObjectInput('relations')) ?? {},
  }
  const options = storeOptions()
  const { identifier } = await portFromInputs().entities.upsert(blueprint, entity, {
    ...options,
    ...bounds(),
  })
  setOutput('identifier', identifier)
  runnerLogger.info(`Stored entity ${identifier} of blueprint ${blueprint}`)
}

/** `operation: BULK_UPSERT`: stores many entities, of any blueprints. */
export async function upsertEntities(): Promise<void> {
  checkInputs('BULK_UPSERT')
  const text = requiredInput('entities', 'give a JSON list of entities, each with its blueprint')
  // A runner hands over at most 128 KiB in an input; a file can be longer.
  const given = isInline(text) ? await jsonInput('entities') : await documentInput('entities')
  const entities = readEntities(given)
  const options = storeOptions()
  await bulkUpsert(portFromInputs(), entities, { ...options, ...bounds() })
}

/** `operation: GET`: reads an entity. */
export async function getEntity(): Promise<void> {
  checkInputs('GET')
  const [blueprint, identifier] = entityInputs('GET')
  const entity = await portFromInputs().entities.get(blueprint, identifier, bounds())
  setOutput('entity', JSON.stringify(entity))
}

/** `operation: DELETE`: deletes an entity. */
export async function deleteEntity(): Promise<void> {
  checkInputs('DELETE')
  const [blueprint, identifier] = entityInputs('DELETE')
  const deleteDependents = flagInput('delete_dependents', 'false')
  const runId = textInput('runId')
  const options = { runId, deleteDependents, ...bounds() }
  await portFromInputs().entities.delete(blueprint, identifier, options)
  setOutput('ok', 'true')
  runnerLogger.info(`Deleted entity ${identifier} of blueprint ${blueprint}`)
}

/** `operation: SEARCH`: finds entities by rules. */
export async function searchEntities(): Promise<void> {
  checkInputs('SEARCH')
  const example = '{"combinator": "and", "rules": […]}'
  requiredInput('query', `give rules as JSON, like ${example}`)
  const query = (await jsonObjectInput('query', example)) ?? {}
  const include = textInput('include')
    ?.split(',')
    .map((field) => field.trim())
    .filter(Boolean)
  const parameters = include && include.length > 0 ? { include } : {}
  const entities = await portFromInputs().entities.search(query, parameters, bounds())
  setOutput('entities', JSON.stringify(entities))
  runnerLogger.info(`Found ${entities.length === 1 ? '1 entity' : `${entities.length} entities`}`)
}

function blueprintInput(operation: string): string {
  return requiredInput(
    'blueprint',
    `${operation} needs the identifier of the blueprint of the entity`,
  )
}

function entityInputs(operation: string): [blueprint: string, identifier: string] {
  const identifier = requiredInput(
    'identifier',
    `${operation} needs the identifier of the entity. An expression that found nothing is empty`,
  )
  return [blueprintInput(operation), identifier]
}

function texts(...names: InputName[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = textInput(name)
      return text === undefined ? [] : [[name, text]]
    }),
  )
}

/** A list of teams as JSON, or the name of one. */
async function teamInput(): Promise<JsonObject> {
  const text = textInput('team')
  if (text === undefined) return {}
  return { team: text.startsWith('[') ? ((await jsonInput('team')) ?? []) : text }
}

function storeOptions() {
  return {
    merge: true,
    runId: textInput('runId'),
    ...(flagInput('createMissingRelatedEntities', 'false') && {
      createMissingRelatedEntities: true,
    }),
  }
}

function bounds(): CallOptions {
  return { deadline: systemClock.now() + durationInput('reportTimeout', '30s') }
}
