import { json, Refusal } from '../answer.ts'

/** An error in Port's format: `{ ok: false, error, message }`. */
export function refuse(status: 401 | 404 | 409 | 413 | 422, error: string, message: string): never {
  throw new Refusal(json(status, { ok: false, error, message }))
}
