/** Building blocks to check plain data. Each reports problems with the path of the value. */
export type Shape = (value: unknown, at: string, problems: string[]) => void

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `${typeof value} ${JSON.stringify(value)}`
}

function expected(what: string, test: (value: unknown) => boolean): Shape {
  return (value, at, problems) => {
    if (value === undefined) problems.push(`${at}: is missing, expected ${what}`)
    else if (!test(value)) problems.push(`${at}: expected ${what}, got ${describe(value)}`)
  }
}

export const text = expected('a string', (value) => typeof value === 'string' && value !== '')
export const flag = expected('true or false', (value) => typeof value === 'boolean')
export const anything: Shape = () => undefined
export const scalar = expected('a string, a number, true or false', (value) =>
  ['string', 'number', 'boolean'].includes(typeof value),
)
export const id = expected(
  'a positive whole number',
  (value) => Number.isSafeInteger(value) && Number(value) > 0,
)
export const seconds = expected(
  'a number of seconds, 0 or more',
  (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
)

export function matching(pattern: RegExp, what: string): Shape {
  return expected(what, (value) => typeof value === 'string' && pattern.test(value))
}

export function oneOf(...values: readonly string[]): Shape {
  return expected(`one of ${values.join(', ')}`, (value) => values.includes(String(value)))
}

export function listOf(item: Shape): Shape {
  return (value, at, problems) => {
    if (!Array.isArray(value)) return expected('a list', Array.isArray)(value, at, problems)
    for (const [index, entry] of value.entries()) item(entry, `${at}[${index}]`, problems)
  }
}

export function recordOf(item: Shape): Shape {
  return (value, at, problems) => {
    if (!isRecord(value)) return expected('an object', isRecord)(value, at, problems)
    for (const [key, entry] of Object.entries(value)) item(entry, child(at, key), problems)
  }
}

/** An object with these keys. Any other key is a problem, unless `others` describes its value. */
export function object(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
  others?: Shape,
): Shape {
  return (value, at, problems) => {
    if (!isRecord(value)) return expected('an object', isRecord)(value, at, problems)
    for (const [key, shape] of Object.entries(required)) shape(value[key], child(at, key), problems)
    for (const [key, entry] of Object.entries(value)) {
      if (key in required || entry === undefined) continue
      const shape = optional[key] ?? others
      if (shape) shape(entry, child(at, key), problems)
      else {
        const known = [...Object.keys(required), ...Object.keys(optional)].join(', ')
        problems.push(`${child(at, key)}: is unknown. Known keys: ${known}`)
      }
    }
  }
}

function child(at: string, key: string): string {
  const step = /^[\w-]+$/.test(key) ? key : JSON.stringify(key)
  return at === '' ? step : `${at}.${step}`
}
