import { setOutput } from '@actions/core'
import {
  formatError,
  InputError,
  isJsonObject,
  type JsonObject,
  PortDispatchError,
  type Problem,
} from '@port-dispatch/core'
import { MAX_BULK, type PortClient, PortError, type StoreOptions } from '@port-dispatch/core/port'
import { identifierProblem } from '@port-dispatch/core/run'
import { runnerLogger, settingName } from '../../runner.ts'

/** An entity with its place in the input. */
interface Item {
  index: number
  blueprint: string
  entity: JsonObject
  size: number
}

interface Failure {
  item: Item
  message: string
  /** It can succeed once others are stored: it may relate to one of them. */
  canRetry: boolean
}

interface Outcome {
  stored: { index: number; identifier: string }[]
  failed: Failure[]
}

/** Port accepts 1 MiB; the list around the entities takes some of it. */
const MAX_ENTITY_BYTES = 1024 * 1024
const MAX_BATCH_BYTES = 900_000
/** Batches on their way at the same time. */
const CONCURRENCY = 4

/**
 * The entities of the input.
 *
 * @throws InputError that names every one that cannot be stored, before any is
 */
export function readEntities(value: unknown): Item[] {
  if (!Array.isArray(value)) {
    throw new InputError('The entities cannot be stored:', [
      { path: 'entities', found: 'is not a list', expected: 'a JSON list of entities' },
    ])
  }
  const problems: Problem[] = []
  const items = value.flatMap((entity, index): Item[] => {
    const path = `entities[${index}]`
    if (!isJsonObject(entity)) {
      problems.push({ path, found: 'is not an object' })
      return []
    }
    const { blueprint } = entity
    const size = Buffer.byteLength(JSON.stringify(entity))
    if (typeof blueprint !== 'string') {
      const found = (blueprint ?? null) === null ? 'is missing' : 'is not a string'
      problems.push({ path: `${path}.blueprint`, found })
      return []
    }
    const problem = identifierProblem(blueprint, '\\')
    if (problem !== undefined) problems.push({ path: `${path}.blueprint`, found: problem })
    if (size > MAX_ENTITY_BYTES) {
      problems.push({ path, found: `has ${size} bytes; Port accepts at most ${MAX_ENTITY_BYTES}` })
    }
    return [{ index, blueprint, entity, size }]
  })
  if (problems.length > 0) throw new InputError('The entities cannot be stored:', problems)
  return items
}

/**
 * Stores entities, in batches. One that Port refuses is sent again after the others, in case it relates to one of them.
 *
 * @throws PortDispatchError that names each entity that could not be stored; the others are
 */
export async function bulkUpsert(
  port: PortClient,
  items: readonly Item[],
  options: StoreOptions,
): Promise<void> {
  const stored: Outcome['stored'] = []
  const failed: Failure[] = []
  for (const round of inRounds(items)) {
    let open = round
    for (;;) {
      const outcome = await storeAll(port, open, options)
      stored.push(...outcome.stored)
      const again = outcome.failed.filter(({ canRetry }) => canRetry)
      if (again.length === 0 || outcome.stored.length === 0) {
        failed.push(...outcome.failed)
        break
      }
      failed.push(...outcome.failed.filter(({ canRetry }) => !canRetry))
      open = again.map(({ item }) => item)
    }
  }
  stored.sort((a, b) => a.index - b.index)
  setOutput('identifiers', JSON.stringify(stored.map(({ identifier }) => identifier)))
  runnerLogger.info(`Stored ${stored.length} of ${items.length} entities`)
  if (failed.length === 0) return
  throw new PortDispatchError(
    'PORT',
    `Stored ${stored.length} of ${items.length} entities. Port does not have:`,
    {
      problems: failed
        .toSorted((a, b) => a.item.index - b.item.index)
        .map(({ item, message }) => ({ path: nameOf(item), found: message })),
    },
  )
}

function nameOf({ index, blueprint, entity }: Item): string {
  const { identifier } = entity
  return `entities[${index}]${typeof identifier === 'string' ? ` ${identifier}` : ''} of ${blueprint}`
}

/** An entity that the list has twice is stored in the order of the list. */
function inRounds(items: readonly Item[]): Item[][] {
  const seen = new Map<string, number>()
  const rounds: Item[][] = []
  for (const item of items) {
    const { identifier } = item.entity
    const key = JSON.stringify([item.blueprint, identifier ?? item.index])
    const round = seen.get(key) ?? 0
    seen.set(key, round + 1)
    rounds[round] = [...(rounds[round] ?? []), item]
  }
  return rounds
}

async function storeAll(
  port: PortClient,
  items: readonly Item[],
  options: StoreOptions,
): Promise<Outcome> {
  const batches = inBatches(items)
  const outcomes: Outcome[] = []
  const work = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      outcomes.push(await storeBatch(port, batch, options))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  return {
    stored: outcomes.flatMap(({ stored }) => stored),
    failed: outcomes.flatMap(({ failed }) => failed),
  }
}

/** Port takes one blueprint, 20 entities and 1 MiB at a time. */
function inBatches(items: readonly Item[]): Item[][] {
  const batches: Item[][] = []
  for (const all of Map.groupBy(items, ({ blueprint }) => blueprint).values()) {
    let batch: Item[] = []
    let size = 0
    for (const item of all) {
      if (batch.length === MAX_BULK || (batch.length > 0 && size + item.size > MAX_BATCH_BYTES)) {
        batches.push(batch)
        batch = []
        size = 0
      }
      batch.push(item)
      size += item.size
    }
    batches.push(batch)
  }
  return batches
}

async function storeBatch(
  port: PortClient,
  batch: readonly Item[],
  options: StoreOptions,
): Promise<Outcome> {
  const [first] = batch
  if (!first) return { stored: [], failed: [] }
  try {
    if (batch.length === 1) {
      const { identifier } = await port.entities.upsert(first.blueprint, first.entity, options)
      return { stored: [{ index: first.index, identifier }], failed: [] }
    }
    const entities = batch.map(({ entity }) => entity)
    return readOutcome(await port.entities.bulk(first.blueprint, entities, options), batch)
  } catch (error) {
    if (!(error instanceof PortError)) throw error
    // One entity can make Port refuse all of them.
    if (batch.length > 1 && [400, 413, 422].includes(error.status ?? 0)) {
      const outcomes: Outcome[] = []
      for (const item of batch) outcomes.push(await storeBatch(port, [item], options))
      return {
        stored: outcomes.flatMap(({ stored }) => stored),
        failed: outcomes.flatMap(({ failed }) => failed),
      }
    }
    const message = formatError(error, settingName)
    return {
      stored: [],
      failed: batch.map((item) => ({ item, message, canRetry: retries(error) })),
    }
  }
}

/** An entity is stored if the response says so, by its place or its identifier, or by as many as are not refused. */
function readOutcome(
  { stored, failed }: Awaited<ReturnType<PortClient['entities']['bulk']>>,
  batch: readonly Item[],
): Outcome {
  const placeOf = (index: number | undefined, identifier: string | undefined) =>
    index ?? batch.findIndex(({ entity }) => entity.identifier === identifier)
  const refused = new Map(
    failed.map((failure) => [placeOf(failure.index, failure.identifier), failure]),
  )
  const good = batch.filter((_, place) => !refused.has(place))
  const outcome: Outcome = { stored: [], failed: [] }
  batch.forEach((item, place) => {
    const failure = refused.get(place)
    if (failure) {
      const { status, message } = failure
      const text = status === undefined ? message : `${status} ${message}`
      outcome.failed.push({ item, message: text, canRetry: true })
      return
    }
    const own =
      stored.find(({ index }) => index === place) ??
      stored.find(
        ({ index, identifier }) => index === undefined && identifier === item.entity.identifier,
      ) ??
      (stored.length === good.length ? stored[good.indexOf(item)] : undefined)
    if (own) outcome.stored.push({ index: item.index, identifier: own.identifier })
    else outcome.failed.push({ item, message: unplaced(failed, batch), canRetry: true })
  })
  return outcome
}

/** What the response says of entities that it does not name. */
function unplaced(
  failed: Awaited<ReturnType<PortClient['entities']['bulk']>>['failed'],
  batch: readonly Item[],
): string {
  const messages = failed
    .filter(
      ({ index, identifier }) =>
        index === undefined && !batch.some(({ entity }) => entity.identifier === identifier),
    )
    .map(({ message }) => message)
  return messages.length > 0 ? messages.join('; ') : 'Port did not confirm that it was stored'
}

function retries({ status }: PortError): boolean {
  return status === 404 || status === 409 || status === 422
}
