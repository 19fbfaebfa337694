import type { CompleteDefinition } from './definition/definition.ts'

/** The environment variables that point port-dispatch to a sandbox, with the first credentials of its definition. */
export function environmentOf(
  { port, github, gitlab }: CompleteDefinition,
  origin: string,
): Record<string, string> {
  const entries = {
    PORT_BASE_URL: origin,
    PORT_CLIENT_ID: port.credentials[0]?.clientId,
    PORT_CLIENT_SECRET: port.credentials[0]?.clientSecret,
    GITHUB_API_URL: `${origin}/api/v3`,
    GITHUB_TOKEN: github.tokens[0]?.token,
    GITLAB_URL: origin,
    GITLAB_TOKEN: gitlab.accessTokens[0]?.token,
    GITLAB_TRIGGER_TOKEN: gitlab.projects[0]?.triggerTokens[0],
    // For webhooks to the sandbox itself.
    PORT_DISPATCH_ALLOW_HOSTS: new URL(origin).host,
  }
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}
