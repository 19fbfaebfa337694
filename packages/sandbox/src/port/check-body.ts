import { isRecord } from '../is-record.ts'
import { refuse } from './refuse.ts'

interface Kinds {
  string: string
  object: Record<string, unknown>
  status: 'SUCCESS' | 'FAILURE'
  link: string | string[]
  any: unknown
}
type Kind = keyof Kinds

type Checked<Known extends Record<string, Kind>, Required extends keyof Known> = {
  [Key in Exclude<keyof Known, Required>]?: Kinds[Known[Key]]
} & { [Key in Required]: Kinds[Known[Key]] }

const tests: Record<Kind, { test: (value: unknown) => boolean; must: string }> = {
  any: { test: () => true, must: '' },
  string: { test: (value) => typeof value === 'string', must: 'must be string' },
  object: { test: isRecord, must: 'must be object' },
  status: {
    test: (value) => value === 'SUCCESS' || value === 'FAILURE',
    must: 'must be equal to one of the allowed values (SUCCESS, FAILURE)',
  },
  link: {
    test: (value) => [value].flat().every((entry) => typeof entry === 'string'),
    must: 'must be string or array of strings',
  },
}

/** Checks a body as Port does: unknown keys and invalid values result in 422. */
export function checkBody<
  const Known extends Record<string, Kind>,
  Required extends keyof Known & string = never,
>(body: unknown, known: Known, required: readonly Required[] = []): Checked<Known, Required> {
  const fail = (message: string) => refuse(422, 'invalid_request', message)
  if (!isRecord(body)) return fail('body must be object')
  for (const key of required) if (!(key in body)) fail(`body must have required property '${key}'`)
  for (const [key, value] of Object.entries(body)) {
    const kind = known[key]
    if (!kind) fail(`body must NOT have additional properties ('${key}')`)
    else if (!tests[kind].test(value)) fail(`body/${key} ${tests[kind].must}`)
  }
  return body as Checked<Known, Required>
}
