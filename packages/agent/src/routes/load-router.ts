import { existsSync } from 'node:fs'
import { readDocument } from '@port-dispatch/dispatcher/host'
import { parseMapping } from './mapping-file.ts'
import { mappingRouter } from './mapping-router.ts'
import { messageRouter, type Router } from './router.ts'
import { parseTemplateRoutes, templateRouter } from './template-routes.ts'

/** Where Port's agent looks for its mapping file if no variable names one. */
const DEFAULT_MAPPING = 'control_the_payload_config.json'

/** The mapping file of Port's agent that lies in the working directory. */
export function mappingHere(): string | undefined {
  return existsSync(DEFAULT_MAPPING) ? DEFAULT_MAPPING : undefined
}

export interface RouterSettings {
  /** Path of `port-dispatch.yml`. */
  config?: string | undefined
  /** Path of a mapping file of Port's agent. */
  mapping?: string | undefined
  githubOrg?: string | undefined
  clientSecret: string
  environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds of computing for the expressions of one run. Default 1,000. */
  jqTimeout?: number | undefined
}

/**
 * Reads the files that say what is executed. The routes of `port-dispatch.yml` come first, then the mapping file, then
 * what the message itself says.
 *
 * @returns the router, what a person should know of the files, and the secrets that they name
 * @throws InputError if a file cannot be read or is not valid
 */
export async function loadRouter(
  settings: RouterSettings,
): Promise<{ router: Router; notes: string[]; secrets: string[] }> {
  const { config, mapping, githubOrg, clientSecret, environment, jqTimeout } = settings
  let router = messageRouter({ githubOrg })
  const notes: string[] = []
  if (mapping !== undefined) {
    const document = await readDocument(mapping, 'The mapping file', { excerpt: 'show' })
    const variables = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    )
    const parsed = await parseMapping(document, {
      name: mapping,
      environment: Object.fromEntries(variables),
      timeout: jqTimeout,
    })
    notes.push(...parsed.notes)
    router = mappingRouter(parsed, { clientSecret, byMethod: router })
  }
  if (config === undefined) return { router, notes, secrets: [] }
  const document = await readDocument(config, 'The configuration', { excerpt: 'show' })
  const routes = await parseTemplateRoutes(document, { name: config, environment })
  const secrets = Object.values(routes.secrets)
  notes.push(...routes.notes)
  return { router: templateRouter(routes, router, jqTimeout), notes, secrets }
}
