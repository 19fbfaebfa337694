// The routes of port-dispatch.yml: what is executed for a run is said by a file of ours, in templates as everywhere.
import {
  formatPath,
  InputError,
  isJsonObject,
  type Json,
  type JsonObject,
  PortDispatchError,
  type Problem,
} from '@port-dispatch/core'
import {
  type InvocationMethod,
  parseInvocationMethod,
  type RenderedMethod,
  renderInvocationMethod,
} from '@port-dispatch/core/action'
import { unsignedMessage } from '@port-dispatch/core/port'
import { check } from '@port-dispatch/core/schema'
import {
  type CompiledTemplate,
  checkTemplate,
  compileTemplate,
  type ExpressionFailure,
  formatFailure,
  type RenderOptions,
  renderTemplate,
  requireEvaluated,
  TemplateError,
} from '@port-dispatch/core/template'
import type { Work } from '../work.ts'
import { configSchema } from './config-schema.ts'
import { isWithoutUrl, type Routed, type Router, refusalOf } from './router.ts'

/** A route: if `when` gives true, the invocation method is rendered and executed. */
interface Route {
  /** For the log: its name, or its place in the file. */
  label: string
  /** Absent: always. */
  when?: CompiledTemplate
  invocationMethod: InvocationMethod
}

export interface TemplateRoutes {
  routes: readonly Route[]
  /** What templates see as `.secrets`, besides the secrets that Port gives: those that the file names, and no others. */
  secrets: Readonly<Record<string, string>>
  /** What a person should know of the file. */
  notes: string[]
}

export interface TemplateRoutesOptions {
  /** As the user knows the file. */
  name: string
  environment: Readonly<Record<string, string | undefined>>
}

/**
 * Checks the configuration of an agent: `{secrets?: [NAME], routes?: [{name?, when?, invocationMethod}]}`.
 *
 * @throws InputError with every problem: entry, path, and the place in a template
 */
export async function parseTemplateRoutes(
  value: unknown,
  { name, environment }: TemplateRoutesOptions,
): Promise<TemplateRoutes> {
  const reading = new Reading(environment)
  const parsed = await reading.read(value)
  if (reading.problems.length > 0) {
    throw new InputError(`The configuration ${name} is not valid:`, reading.problems)
  }
  return parsed
}

type Path = readonly (string | number)[]

class Reading {
  readonly problems: Problem[] = []
  readonly #environment: Readonly<Record<string, string | undefined>>

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment
  }

  /** Checks the shape first, then what of it can be read. */
  async read(value: unknown): Promise<TemplateRoutes> {
    const checked = check(configSchema, value)
    if (!checked.ok) this.problems.push(...checked.problems)
    const { routes, secrets } = isJsonObject(value) ? value : {}
    const notes: string[] = []
    const read: Route[] = []
    for (const [index, route] of (Array.isArray(routes) ? routes : []).entries()) {
      const parsed = isJsonObject(route) ? await this.#route(route, index, notes) : undefined
      if (parsed) read.push(parsed)
    }
    return { routes: read, secrets: this.#secrets(Array.isArray(secrets) ? secrets : []), notes }
  }

  #secrets(names: readonly Json[]): Record<string, string> {
    const entries = names.flatMap((name, index): [string, string][] => {
      if (typeof name !== 'string' || name === '') return []
      const value = this.#environment[name]
      if (!value) this.#add(['secrets', index], `the environment variable ${name} is not set`)
      return [[name, value ?? '']]
    })
    return Object.fromEntries(entries)
  }

  async #route(route: JsonObject, index: number, notes: string[]): Promise<Route | undefined> {
    const at = ['routes', index]
    const { name, when = null } = route
    const condition = await this.#condition([...at, 'when'], when)
    const invocationMethod = await this.#method([...at, 'invocationMethod'], route, notes)
    if (!invocationMethod) return undefined
    return {
      label: typeof name === 'string' ? `route "${name}"` : `route ${index}`,
      ...(condition && { when: condition }),
      invocationMethod,
    }
  }

  async #condition(at: Path, when: Json): Promise<CompiledTemplate | undefined> {
    if (when === null || when === true) return undefined
    // Anything else is a problem of the shape.
    if (when !== false && typeof when !== 'string') return undefined
    const compiled = await this.#compile(at, when)
    const isCondition = when === false || compiled?.root.type === 'expression'
    if (compiled && !isCondition) {
      const expected = 'true, false or one template: {{ .inputs.environment == "production" }}'
      this.#add(at, 'is not a condition', expected)
    }
    return compiled
  }

  async #method(at: Path, route: JsonObject, notes: string[]) {
    // That it is missing is a problem of the shape.
    if (!('invocationMethod' in route)) return undefined
    try {
      const { invocationMethod } = route
      const parsed = parseInvocationMethod(invocationMethod, undefined, at)
      notes.push(
        ...parsed.notes.map(
          ({ path, message }) => `${[formatPath(at), path].filter(Boolean).join('.')} ${message}`,
        ),
      )
      const { type: _, ...fields } = parsed.method
      if (parsed.method.type !== 'WEBHOOK' && !isWithoutUrl(parsed.method)) {
        const expected = 'one of GITHUB, GITLAB, WEBHOOK, KAFKA, INTEGRATION_ACTION, UPSERT_ENTITY'
        this.#add(
          [...at, 'type'],
          `found ${parsed.method.type}, which cannot be executed`,
          expected,
        )
      }
      await this.#compile(at, { ...fields } as JsonObject)
      return parsed.method
    } catch (error) {
      if (!(error instanceof PortDispatchError)) throw error
      this.problems.push(...error.problems)
      return undefined
    }
  }

  /** Every expression in it is one that jq accepts, else there is a problem. */
  async #compile(at: Path, template: Json): Promise<CompiledTemplate | undefined> {
    try {
      const compiled = compileTemplate(template)
      const failures = await checkTemplate(compiled)
      this.problems.push(...failures.map((failure) => problemOf(failure, at)))
      return compiled
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      this.problems.push(
        ...error.problems.map((problem) => ({ ...problem, path: joined(at, problem.path) })),
      )
      return undefined
    }
  }

  #add(path: Path, found: string, expected?: string): void {
    this.problems.push({ path: formatPath(path), found, ...(expected && { expected }) })
  }
}

function problemOf(failure: ExpressionFailure, at: Path): Problem {
  const [, ...excerpt] = formatFailure(failure).split('\n')
  return { path: joined(at, failure.path), found: failure.message, excerpt }
}

function joined(at: Path, path: string): string {
  const base = formatPath(at)
  if (path === '') return base
  return path.startsWith('[') ? base + path : `${base}.${path}`
}

/**
 * Executes the first route that matches.
 *
 * @param otherwise executes the runs that no route matches
 * @param timeout milliseconds of computing for the expressions of one run
 */
export function templateRouter(
  { routes, secrets }: TemplateRoutes,
  otherwise: Router,
  timeout?: number,
): Router {
  // What jq's versions make of the expressions is no matter for each run.
  const rendering: RenderOptions = { jqCompat: 'off', ...(timeout !== undefined && { timeout }) }
  return {
    route: async (work) => {
      try {
        const message = unsignedMessage(work.message)
        const known = isJsonObject(work.context.secrets) ? work.context.secrets : {}
        const context = { ...work.context, message, secrets: { ...known, ...secrets } }
        for (const route of routes) {
          if (await isMatch(route, context, rendering)) {
            return await routed(route, context, rendering, work)
          }
        }
        return await otherwise.route(work)
      } catch (error) {
        return refusalOf(error)
      }
    },
  }
}

async function isMatch(
  { label, when }: Route,
  context: JsonObject,
  rendering: RenderOptions,
): Promise<boolean> {
  if (!when) return true
  const { value = null, failures } = await renderTemplate(when, context, rendering)
  requireEvaluated(failures)
  if (typeof value === 'boolean') return value
  if (value === null) return false
  throw new InputError('Cannot choose a route for this run:', [
    { path: label, found: '"when" did not give true, false or null' },
  ])
}

async function routed(
  route: Route,
  context: JsonObject,
  rendering: RenderOptions,
  { message }: Work,
): Promise<Routed> {
  const { method, failures, notes } = await renderInvocationMethod(
    route.invocationMethod,
    { context },
    rendering,
  )
  return {
    type: 'method',
    method: withBody(method, unsignedMessage(message)),
    by: route.label,
    notes: [
      ...failures.map(
        ({ path }) => `${path} of ${route.label} failed in jq, so that null stands there.`,
      ),
      ...notes.map(({ path, message: note }) => `${path} of ${route.label} ${note}`),
    ],
  }
}

/** A webhook without a body of its own is sent the message, as Port does. */
function withBody(method: RenderedMethod, message: JsonObject): RenderedMethod {
  if (method.type !== 'WEBHOOK' || method.body !== undefined) return method
  return method.method === 'GET' || method.method === 'DELETE'
    ? method
    : { ...method, body: message }
}
