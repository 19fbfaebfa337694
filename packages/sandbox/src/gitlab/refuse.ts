import { json, Refusal } from '../answer.ts'

/** An error in GitLab's usual format: a message, or validation errors by attribute. */
export function refuse(status: number, message: string | Record<string, string[]>): never {
  throw new Refusal(json(status, { message }))
}

/** The format of an error in the parameters of a request. */
export function refuseParameters(error: string): never {
  throw new Refusal(json(400, { error }))
}

/** The format of the error if a pipeline cannot be created. */
export function refusePipeline(base: string): never {
  return refuse(400, { base: [base] })
}
