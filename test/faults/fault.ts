import type { Sandbox } from '@port-dispatch/sandbox'

/** The requests of a whole dispatch, in their order. */
export const REQUESTS = ['token', 'look', 'start', 'dispatch', 'link', 'poll', 'final'] as const
export type RequestKind = (typeof REQUESTS)[number] | 'response'

export const FAULTS = [
  'refused',
  'reset before',
  'reset after',
  'timeout',
  '429 Retry-After',
  '429',
  '500 twice',
  '502 after',
  '503 for ever',
  'cut JSON',
  'HTML page',
  'expired token',
] as const
export type Fault = (typeof FAULTS)[number]

/** What is done to one request. */
export interface Injection {
  /** Whether the service gets the request. */
  processed: boolean
  /** How often the fault strikes. */
  times: number
  answer:
    | 'refuse'
    | 'reset'
    | 'hang'
    | 'cut'
    | 'page'
    | { status: number; headers?: Record<string, string> }
}

export const INJECTIONS: Record<Fault, Injection> = {
  refused: { processed: false, times: 1, answer: 'refuse' },
  'reset before': { processed: false, times: 1, answer: 'reset' },
  'reset after': { processed: true, times: 1, answer: 'reset' },
  timeout: { processed: true, times: 1, answer: 'hang' },
  '429 Retry-After': {
    processed: false,
    times: 1,
    answer: { status: 429, headers: { 'retry-after': '3' } },
  },
  '429': { processed: false, times: 1, answer: { status: 429 } },
  '500 twice': { processed: false, times: 2, answer: { status: 500 } },
  '502 after': { processed: true, times: 1, answer: { status: 502 } },
  '503 for ever': { processed: false, times: Number.POSITIVE_INFINITY, answer: { status: 503 } },
  'cut JSON': { processed: true, times: 1, answer: 'cut' },
  'HTML page': { processed: false, times: 1, answer: 'page' },
  'expired token': { processed: false, times: 1, answer: { status: 401 } },
}

/** Which request of a dispatch this is. */
export function kindOf(method: string, path: string, body: string): RequestKind | undefined {
  if (path.endsWith('/access_token')) return 'token'
  if (path.endsWith('/response')) return 'response'
  if (method === 'GET' && path.startsWith('/v1/actions/runs/') && !path.endsWith('/logs'))
    return 'look'
  if (method === 'PATCH') return body.includes('"link"') ? 'link' : 'start'
  if (method === 'POST' && path.endsWith('/logs')) return 'final'
  if (method === 'POST' && /\/(dispatches|trigger\/pipeline)$/.test(path)) return 'dispatch'
  if (
    method === 'GET' &&
    /\/(actions\/runs|pipelines)\/\d+$/.test(path) &&
    path.startsWith('/api/')
  )
    return 'poll'
  return undefined
}

/** Whether a request ended a Port run. */
export function isFinal({ path, status, requestBody }: Sandbox['exchanges'][number]): boolean {
  const body = JSON.stringify(requestBody ?? {})
  return (
    /^\/v1\/actions\/runs\//.test(path) &&
    status < 300 &&
    /"(terminationStatus|status)":/.test(body)
  )
}
