import { json, Refusal } from '../answer.ts'

/** GitLab's usual form of an error: a text, or validation errors by attribute. */
export function refuse(status: number, message: string | Record<string, string[]>): never {
  throw new Refusal(json(status, { message }))
}

/** The form of an error in the parameters of a request. */
export function refuseParameters(error: string): never {
  throw new Refusal(json(400, { error }))
}

/** The form of a pipeline that could not be created. */
export function refusePipeline(base: string): never {
  return refuse(400, { base: [base] })
}
