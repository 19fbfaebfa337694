import type { Problem } from '../errors.ts'

/** What is wrong with the rendered URL of a webhook, if it cannot be sent to. */
export function urlProblem(url: string): Problem | undefined {
  const parsed = URL.parse(url)
  if (parsed && /^https?:$/.test(parsed.protocol)) return undefined
  return {
    path: 'url',
    found: `found ${JSON.stringify(withoutSecrets(url))}`,
    expected: 'an absolute URL that begins with https:// or http://',
  }
}

/** The query and what stands before `@` often hold a token. */
function withoutSecrets(url: string): string {
  const shown = url.replace(/[?#].*$/s, '?…').replace(/\/\/[^/]*@/, '//…@')
  return shown.length > 60 ? `${shown.slice(0, 57).toWellFormed()}…` : shown
}
