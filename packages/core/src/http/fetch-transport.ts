import {
  describeFailure,
  errorCode,
  isCertificateError,
  isStartEnough,
  type Transport,
  TransportFailure,
  type TransportRequest,
  tooLarge,
} from './transport.ts'

/** The part of the standard `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Codes of errors that occur before there is a connection. `fetch` does not show in which state it failed. */
const BEFORE_CONNECTION = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** A transport on the standard `fetch`, which works wherever there is one. Proxies are its own affair. */
export function fetchTransport(fetch: Fetch = globalThis.fetch): Transport {
  return {
    send: async (request) => {
      request.beforeSend()
      try {
        const { method, url, headers, body, signal } = request
        const response = await fetch(url, {
          method,
          ...(headers && { headers }),
          ...(body !== undefined && { body }),
          // fetch would take a token in a header like private-token along to another server.
          redirect: 'manual',
          signal,
        })
        const received = await readBody(response, request)
        return { status: response.status, headers: response.headers, ...received }
      } catch (error) {
        if (error instanceof TransportFailure) throw error
        const isFixed = isCertificateError(error)
        throw new TransportFailure(describeFailure(error), {
          sent: !isFixed && !failedBeforeConnection(error),
          kind: isFixed ? 'fixed' : 'passing',
        })
      }
    },
  }
}

function failedBeforeConnection(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    if ('syscall' in at && (at.syscall === 'connect' || at.syscall === 'getaddrinfo')) return true
  }
  return BEFORE_CONNECTION.has(errorCode(error) ?? '')
}

async function readBody(
  { body, status }: Response,
  request: TransportRequest,
): Promise<{ text: string; cut?: true }> {
  if (!body) return { text: '' }
  const { maxBytes } = request
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      text += decoder.decode(chunk, { stream: true })
    }
  } catch (error) {
    if (!isStartEnough(request, status)) throw error
    return { text: text + decoder.decode(), cut: true }
  }
  return { text: text + decoder.decode() }
}
