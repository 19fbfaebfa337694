// The mapping file of Port's agent (CONTROL_THE_PAYLOAD_CONFIG_PATH): a JSON array whose strings are jq programs.
import {
  formatPath,
  InputError,
  isJsonObject,
  type Json,
  type JsonObject,
  type Problem,
} from '@port-dispatch/core'
import {
  JqPrograms,
  type JqProgramsOptions,
  type RejectedProgram,
} from '@port-dispatch/core/template'
import { suggest } from '@port-dispatch/core/text'

const REQUEST_FIELDS = ['url', 'method', 'headers', 'query', 'body'] as const
const REPORT_FIELDS = ['status', 'link', 'summary', 'externalRunId'] as const
const ENTRY_FIELDS = ['enabled', ...REQUEST_FIELDS, 'report', 'fieldsToDecryptPaths'] as const

export type RequestField = (typeof REQUEST_FIELDS)[number]
export type ReportField = (typeof REPORT_FIELDS)[number]

/** One entry of a mapping file. */
export interface MappingEntry {
  /** Where it stands in the file, from 0. */
  index: number
  /** True, false, or a jq program that matches where it gives true. */
  enabled: boolean | string
  /** Only the fields that the entry has. */
  request: Partial<Record<RequestField, Json>>
  requestPrograms: JqPrograms
  report: Partial<Record<ReportField, string>> | undefined
  reportPrograms: JqPrograms
  /** Paths of fields of the message to decrypt. */
  decrypt: readonly (readonly string[])[]
}

export interface Mapping {
  entries: readonly MappingEntry[]
  /** The programs of `enabled`. */
  conditions: JqPrograms
  /** Where it was read from, as the user knows it. */
  name: string
  /** What a person should know of it. */
  notes: readonly string[]
}

export interface MappingOptions {
  /** As the user knows the file. */
  name: string
  /** What `env` and `$ENV` are. */
  environment: Readonly<Record<string, string>>
  /** Milliseconds of computing for the programs of one run. Default 1,000. */
  timeout?: number | undefined
}

/**
 * Checks a mapping file and has jq compile all its programs. Fields that are not known are left alone, as Port's agent
 * does; those that resemble a field are noted.
 *
 * @throws InputError with every problem: entry, field, and the place in the program
 */
export async function parseMapping(
  value: unknown,
  { name, environment, timeout }: MappingOptions,
): Promise<Mapping> {
  const evaluating = { environment, ...(timeout !== undefined && { timeout }) }
  const subject = `The mapping file ${name} is not valid:`
  if (!Array.isArray(value)) {
    const found = isJsonObject(value) ? 'found an object' : 'found no array'
    throw new InputError(subject, [{ path: '', found, expected: 'an array of entries' }])
  }
  const problems: Problem[] = []
  const places: Place[] = []
  const notes: string[] = []
  const entries = value.map((entry: unknown, index) => {
    const reading = new EntryReading(entry, index)
    problems.push(...reading.problems)
    places.push(...reading.places)
    for (const { path, meant } of reading.misspelt) {
      notes.push(
        `The mapping file ${name} has ${path}, which is not a field and is ignored. Did you mean ${meant}?`,
      )
    }
    return reading.entry(evaluating)
  })
  problems.push(...(await rejectedPrograms(places)))
  if (problems.length > 0) throw new InputError(subject, problems)
  const conditions = entries.flatMap(({ enabled }) => (typeof enabled === 'string' ? enabled : []))
  return { entries, conditions: new JqPrograms(conditions, evaluating), name, notes }
}

/** A program and where it stands. */
interface Place {
  path: string
  program: string
}

async function rejectedPrograms(places: readonly Place[]): Promise<Problem[]> {
  const rejected = await new JqPrograms(places.map(({ program }) => program)).check()
  const byProgram = new Map(rejected.map((rejection) => [rejection.program, rejection]))
  return places.flatMap(({ path, program }): Problem[] => {
    const rejection = byProgram.get(program)
    return rejection ? [{ path, found: rejection.message, excerpt: excerptOf(rejection) }] : []
  })
}

/** How many characters of a long line are shown on either side. */
const MARGIN = 60

/** The line of the program, and a caret under the place. */
function excerptOf({ program, offset }: RejectedProgram): string[] {
  const at = offset ?? program.length - program.trimStart().length
  const lineStart = program.lastIndexOf('\n', at - 1) + 1
  const lineEnd = program.indexOf('\n', at)
  const start = Math.max(lineStart, at - MARGIN)
  const line = program
    .slice(start, Math.min(lineEnd < 0 ? program.length : lineEnd, at + MARGIN))
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
  return [line, `${' '.repeat(at - start)}^`]
}

const BOOLEAN_WORDS: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, true]),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, false]),
])

/** Reads one entry, and notes what is wrong with it and where its programs stand. */
class EntryReading {
  readonly problems: Problem[] = []
  readonly places: Place[] = []
  readonly #index: number
  readonly #fields: JsonObject

  constructor(value: unknown, index: number) {
    this.#index = index
    this.#fields = isJsonObject(value) ? value : {}
    if (!isJsonObject(value)) this.#refuse([], 'is not an object')
    this.#check()
  }

  entry(evaluating: JqProgramsOptions): MappingEntry {
    const request = present(this.#fields, REQUEST_FIELDS)
    const report = isJsonObject(this.#fields.report)
      ? (present(this.#fields.report, REPORT_FIELDS) as Partial<Record<ReportField, string>>)
      : undefined
    const paths = this.#fields.fieldsToDecryptPaths
    return {
      index: this.#index,
      enabled: enabledOf(this.#fields.enabled),
      request,
      requestPrograms: new JqPrograms(stringsIn(request), evaluating),
      report,
      reportPrograms: new JqPrograms(stringsIn(report ?? {}), evaluating),
      decrypt: Array.isArray(paths) ? paths.map((path) => String(path).split('.')) : [],
    }
  }

  /** Fields that are not known and resemble one that is. */
  get misspelt(): { path: string; meant: string }[] {
    const { report } = this.#fields
    const near = (fields: JsonObject, known: readonly string[], path: readonly string[]) =>
      Object.keys(fields).flatMap((field) => {
        const meant = known.includes(field) ? undefined : suggest(field, known)
        const place = formatPath([this.#index, ...path, field])
        return meant === undefined ? [] : [{ path: place, meant }]
      })
    return [
      ...near(this.#fields, ENTRY_FIELDS, []),
      ...(isJsonObject(report) ? near(report, REPORT_FIELDS, ['report']) : []),
    ]
  }

  #check(): void {
    const { enabled = true, report = null, fieldsToDecryptPaths: paths = null } = this.#fields
    const condition = enabledOf(enabled)
    if (typeof condition === 'string') this.#program(['enabled'], condition)
    if (typeof enabled === 'object' && enabled !== null) {
      this.#refuse(['enabled'], 'is not valid', 'true, false or a jq program')
    }
    for (const field of REQUEST_FIELDS) this.#checkRequestField(field, this.#fields[field] ?? null)
    if (report !== null && !isJsonObject(report)) {
      this.#refuse(['report'], 'is not an object', `an object with ${REPORT_FIELDS.join(', ')}`)
    }
    for (const field of isJsonObject(report) ? REPORT_FIELDS : []) {
      const program = isJsonObject(report) ? (report[field] ?? null) : null
      if (typeof program === 'string') this.#program(['report', field], program)
      else if (program !== null) this.#refuse(['report', field], 'is not a string', 'a jq program')
    }
    const isPaths = Array.isArray(paths) && paths.every((path) => typeof path === 'string')
    if (paths !== null && !isPaths) {
      const expected = 'an array of paths such as "payload.properties.password"'
      this.#refuse(['fieldsToDecryptPaths'], 'is not valid', expected)
    }
  }

  #checkRequestField(field: RequestField, value: Json): void {
    if (value === null) return
    const isText = field === 'url' || field === 'method'
    if (typeof value !== 'string' && (isText || typeof value !== 'object')) {
      const expected = isText ? 'a jq program' : 'a jq program, or an object of them'
      this.#refuse([field], 'is not valid', expected)
      return
    }
    this.#programsIn([field], value)
  }

  #programsIn(path: readonly (string | number)[], value: Json): void {
    if (typeof value === 'string') this.#program(path, value)
    else if (Array.isArray(value)) {
      for (const [at, item] of value.entries()) this.#programsIn([...path, at], item)
    } else if (isJsonObject(value)) {
      for (const [key, item] of Object.entries(value)) this.#programsIn([...path, key], item)
    }
  }

  #program(path: readonly (string | number)[], program: string): void {
    this.places.push({ path: formatPath([this.#index, ...path]), program })
  }

  #refuse(path: readonly string[], found: string, expected?: string): void {
    const place = formatPath([this.#index, ...path])
    this.problems.push({ path: place, found, ...(expected !== undefined && { expected }) })
  }
}

/** A word that says yes or no is no program, nor is a number. */
function enabledOf(enabled: Json | undefined): boolean | string {
  if (enabled === undefined || typeof enabled === 'object') return true
  if (typeof enabled === 'boolean') return enabled
  const text = String(enabled)
  return BOOLEAN_WORDS[text.trim().toLowerCase()] ?? text
}

function present<Field extends string>(
  fields: JsonObject,
  names: readonly Field[],
): Partial<Record<Field, Json>> {
  const entries = names.flatMap((name): [Field, Json][] => {
    const value = fields[name]
    return value === undefined || value === null ? [] : [[name, value]]
  })
  return Object.fromEntries(entries) as Partial<Record<Field, Json>>
}

function stringsIn(value: Json | Partial<Record<string, Json>> | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsIn)
}
