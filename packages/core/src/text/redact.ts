import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { decodedViews, joinedView, type View, withoutBlanks } from './decoded-views.ts'

/** What stands where a secret stood. */
const MASK = '***'

/** Shorter values are left alone: replacing each `1` or `dev` would make every text unreadable and give them away. */
const SHORTEST = 4
/** Shorter values are replaced as whole words only, longer ones anywhere, also encoded and cut off. */
const LONG = 8

/** The first and last line of a PEM block are the same for all keys. */
const PEM_EDGE = /^-----(BEGIN|END)[\w ]+-----$/

/** Replaces the secrets it was made with. */
export interface Redactor {
  (text: string): string
  /** The same with each string, number and key of a value; a number that is a secret becomes a string. */
  json(value: Json): Json
  /** A redactor that knows more secrets. */
  with(more: Iterable<string>): Redactor
}

/**
 * Makes a function that replaces secrets in text with `***`, before the text is printed, sent or cut.
 *
 * Of a secret of 8 characters and more these are found anywhere: the secret, each of its lines of 8 characters and more
 * (except the first and last of a PEM block), the base64 of both wherever it stands within a longer one, their
 * hexadecimal bytes, and a beginning of 8 characters and more that is followed by an ellipsis or the end of the text, as
 * messages quote it; each also with the escapes of JSON, URLs, forms and HTML, in any mixture of two, and wrapped over
 * lines. Secrets of 4 to 7 characters are found as whole words, shorter ones are not.
 *
 * It takes two passes over the text, and two more for each way in which the text is escaped.
 */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const known = new Set(secrets)
  const forms = [...new Set([...known].flatMap(formsOf).map(withoutPlus))]
  const find = createFinder(forms)
  const findWrapped = createFinder(forms.map(withoutBlanks).filter((form) => form.length >= LONG))
  const redact = (text: string): string => {
    const placesIn = (view: View, find: (text: string) => Place[]) =>
      find(view.text).map(({ start, end }) => ({
        start: view.origin(start),
        end: view.originOfEnd(end),
      }))
    const places = decodedViews(text).flatMap((view) => {
      const whole = placesIn(view, find)
      const joined = joinedView(view)
      return joined ? [...whole, ...placesIn(joined, findWrapped)] : whole
    })
    return mask(text, places)
  }
  return Object.assign(redact, {
    json: (value: Json) => redactJson(value, redact),
    with: (more: Iterable<string>) => createRedactor([...known, ...more]),
  })
}

/** A redactor that learns more secrets while it is in use. */
export interface GrowingRedactor {
  /** Knows everything that was ever hidden, also after it was handed out. */
  readonly redactor: Redactor
  hide(secrets: Iterable<string>): void
}

export function createGrowingRedactor(first: Redactor = createRedactor([])): GrowingRedactor {
  let current = first
  const redactor = Object.assign((text: string) => current(text), {
    json: (value: Json) => current.json(value),
    with: (more: Iterable<string>) => current.with(more),
  })
  const hide = (more: Iterable<string>) => {
    current = current.with(more)
  }
  return { redactor, hide }
}

/** The strings and numbers below `.secrets` of what templates see. */
export function secretsOf(context: JsonObject): string[] {
  const found: string[] = []
  const open: Json[] = [context.secrets ?? null]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string' || typeof value === 'number') found.push(String(value))
    else if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) open.push(item)
    }
  }
  return found
}

function redactJson(value: Json, redact: (text: string) => string): Json {
  if (typeof value === 'string') return redact(value)
  if (typeof value === 'number') return redact(String(value)) === String(value) ? value : MASK
  if (Array.isArray(value)) return value.map((item) => redactJson(item, redact))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactJson(item, redact)]),
  )
}

interface Place {
  start: number
  /** Behind the last character. */
  end: number
}

/** What overlaps is masked as one, so that no end of one secret shows behind another. */
function mask(text: string, places: readonly Place[]): string {
  let masked = ''
  let done = 0
  for (const { start, end } of places.toSorted((a, b) => a.start - b.start)) {
    if (end <= done) continue
    if (start > done || done === 0) masked += text.slice(done, start) + MASK
    done = end
  }
  return masked + text.slice(done)
}

/**
 * Finds all places of forms of secrets. A table of the forms' first four characters sorts out nearly every
 * place of a text at once.
 */
function createFinder(all: readonly string[]): (text: string) => Place[] {
  const formsByStart = new Map<string, string[]>()
  const mayStart = new Uint8Array(2 ** 16)
  for (const form of new Set(all)) {
    const start = form.slice(0, SHORTEST)
    const forms = formsByStart.get(start)
    if (forms) forms.push(form)
    else formsByStart.set(start, [form])
    mayStart[hashAt(form, 0)] = 1
  }
  if (formsByStart.size === 0) return () => []
  return (raw) => {
    const text = withoutPlus(raw)
    const places: Place[] = []
    for (let start = 0; start + SHORTEST <= text.length; start++) {
      if (mayStart[hashAt(text, start)] === 0) continue
      const forms = formsByStart.get(text.slice(start, start + SHORTEST)) ?? []
      const end = Math.max(0, ...forms.map((form) => endOf(form, text, start)))
      if (end > 0) places.push({ start, end })
    }
    return places
  }
}

/** In a form that was sent, a space is a plus: here they are the same. */
function withoutPlus(text: string): string {
  return text.replaceAll('+', ' ')
}

/** Of four characters. */
function hashAt(text: string, index: number): number {
  const first = text.charCodeAt(index) + 31 * text.charCodeAt(index + 1)
  return (first + 961 * text.charCodeAt(index + 2) + 29_791 * text.charCodeAt(index + 3)) & 0xffff
}

/** Where a form that starts here ends, or is cut off; 0 if it does not start here. */
function endOf(form: string, text: string, start: number): number {
  const end = start + form.length
  if (form.length < LONG) {
    const isWhole = !isWordCharacter(text[start - 1]) && !isWordCharacter(text[end])
    return isWhole && text.startsWith(form, start) ? end : 0
  }
  let at = start
  while (at < end && text.charCodeAt(at) === form.charCodeAt(at - start)) at++
  if (at === end) return end
  // JSON.parse quotes `"client-sec"...`.
  const isCutOff = at === text.length || /^["'`]?(?:…|\.\.\.)/.test(text.slice(at, at + 4))
  return isCutOff && at - start >= LONG && !PEM_EDGE.test(text.slice(start, at)) ? at : 0
}

function isWordCharacter(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}_]/u.test(char)
}

function formsOf(secret: string): string[] {
  const trimmed = secret.trim()
  const lines = secret
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= LONG && !PEM_EDGE.test(line))
  const texts = [...new Set([secret, trimmed, ...lines])].filter(
    (text) => text.trim().length >= SHORTEST,
  )
  return texts.flatMap((text) =>
    text.length < LONG
      ? [text]
      : [
          text,
          ...hexForms(text),
          ...base64Forms(text),
          ...base64Forms(JSON.stringify(text).slice(1, -1)),
        ],
  )
}

function hexForms(text: string): string[] {
  const bytes = [...new TextEncoder().encode(text)]
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex, hex.toUpperCase()]
}

/** The base64 of a text, also within that of a longer one, in both alphabets. */
function base64Forms(text: string): string[] {
  const bytes = new TextEncoder().encode(text)
  const forms = [0, 1, 2].map((offset) => {
    const shifted = new Uint8Array(offset + bytes.length)
    shifted.set(bytes, offset)
    // Only characters of which all six bits are the text's.
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor((shifted.length * 8) / 6)
    return toBase64(shifted).slice(first, last)
  })
  const all = [toBase64(bytes), ...forms]
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))]
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
