import { json, Refusal } from '../answer.ts'

/** An error in GitHub's format. */
export function refuse(
  status: number,
  message: string,
  documentation = 'https://docs.github.com/rest',
): never {
  throw new Refusal(
    json(status, { message, documentation_url: documentation, status: String(status) }),
  )
}
