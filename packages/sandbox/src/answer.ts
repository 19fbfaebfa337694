/** An error response, thrown from wherever a request turns out to be invalid. */
export class Refusal extends Error {
  readonly answer: Response

  constructor(answer: Response) {
    super(`HTTP ${answer.status}`)
    this.answer = answer
  }
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return Response.json(body, { status, headers })
}

/** Returns the error response that a handler throws as the response to the request. */
export async function answerOf(handle: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await handle()
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}
