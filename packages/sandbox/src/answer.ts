/** An answer other than success, thrown from wherever a request turns out to be one to refuse. */
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

/** Turns what a handler throws to refuse a request into its answer. */
export async function answerOf(handle: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await handle()
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}
