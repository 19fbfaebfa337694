import { InputError, type Json, type JsonObject } from '@port-dispatch/core'
import { describe, expect, it } from 'vitest'
import { messageRouter, type Routed } from '../../src/routes/router.ts'
import { parseTemplateRoutes, templateRouter } from '../../src/routes/template-routes.ts'
import { type MessageOptions, work } from '../support/work.ts'

const environment = { DEPLOY_TOKEN: 'from-the-environment', OTHER: 'hidden' }
const WEBHOOK = { type: 'WEBHOOK', agent: true, url: 'https://target.test/hook' }

async function route(
  config: Json,
  { invocationMethod = WEBHOOK, ...options }: Partial<MessageOptions> = {},
): Promise<Routed> {
  const routes = await parseTemplateRoutes(config, { name: 'port-dispatch.yml', environment })
  return await templateRouter(routes, messageRouter()).route(work({ invocationMethod, ...options }))
}

async function problemsOf(config: Json): Promise<string> {
  const error = await parseTemplateRoutes(config, { name: 'port-dispatch.yml', environment }).catch(
    (reason: unknown) => reason,
  )
  if (!(error instanceof InputError)) throw new Error('It is valid')
  return error.message
}

const workflow = (name: string): JsonObject => ({
  type: 'GITHUB',
  org: 'acme',
  repo: 'web',
  workflow: name,
})

describe('routes', () => {
  const config = {
    routes: [
      { when: false, invocationMethod: workflow('never.yml') },
      {
        name: 'Production',
        when: '{{ .inputs.environment == "production" }}',
        invocationMethod: workflow('production.yml'),
      },
      {
        when: '{{ .message.payload.properties.environment == "staging" }}',
        invocationMethod: workflow('staging.yml'),
      },
    ],
  }

  it('execute the first that matches the inputs, or the message', async () => {
    expect(await route(config, { properties: { environment: 'production' } })).toMatchObject({
      method: { workflow: 'production.yml' },
      by: 'route "Production"',
    })
    expect(await route(config, { properties: { environment: 'staging' } })).toMatchObject({
      method: { workflow: 'staging.yml' },
      by: 'route 2',
    })
  })

  it('leave a run that none matches to its message', async () => {
    expect(await route(config)).toMatchObject({ method: { type: 'WEBHOOK', url: WEBHOOK.url } })
  })

  it('match every run where they have no condition', async () => {
    const all = { routes: [{ invocationMethod: workflow('all.yml') }, ...config.routes] }
    expect(await route(all)).toMatchObject({ method: { workflow: 'all.yml' } })
  })

  it('render what a user typed once, as text', async () => {
    const invocationMethod = {
      ...workflow('all.yml'),
      workflowInputs: { note: '{{ .inputs.note }}', raw: 'n: {{ .inputs.note }}' },
    }
    const properties = { note: '{{ .secrets.DEPLOY_TOKEN }}' }
    expect(
      await route({ secrets: ['DEPLOY_TOKEN'], routes: [{ invocationMethod }] }, { properties }),
    ).toMatchObject({
      method: {
        workflowInputs: {
          note: '{{ .secrets.DEPLOY_TOKEN }}',
          raw: 'n: {{ .secrets.DEPLOY_TOKEN }}',
        },
      },
    })
  })

  it('see the secrets that the file names and no others', async () => {
    const headers = {
      authorization: 'Bearer {{ .secrets.DEPLOY_TOKEN }}',
      x: '{{ .secrets | keys }}',
    }
    const invocationMethod = { ...WEBHOOK, headers: { ...headers, x: '{{ .secrets | length }}' } }
    expect(
      await route({ secrets: ['DEPLOY_TOKEN'], routes: [{ invocationMethod }] }),
    ).toMatchObject({ method: { headers: { authorization: 'Bearer from-the-environment', x: 1 } } })
  })

  it('send the message where their webhook has no body, and nothing with GET', async () => {
    const routed = await route({ routes: [{ invocationMethod: WEBHOOK }] })
    expect(routed).toMatchObject({ method: { body: { action: 'deploy', headers: {} } } })
    const get = await route({ routes: [{ invocationMethod: { ...WEBHOOK, method: 'GET' } }] })
    expect(get.type === 'method' && 'body' in get.method).toBe(false)
  })

  it('refuse a run for which a condition gives neither true nor false', async () => {
    const routed = await route(
      { routes: [{ when: '{{ .inputs.environment }}', invocationMethod: WEBHOOK }] },
      { properties: { environment: 'production' } },
    )
    expect(routed).toEqual({
      type: 'refused',
      message:
        'Cannot choose a route for this run:\n  route 0: "when" did not give true, false or null',
    })
  })

  it('refuse a run for which their method does not render to what it needs', async () => {
    const invocationMethod = { ...workflow('{{ .inputs.workflow }}') }
    const routed = await route({ routes: [{ invocationMethod }] })
    expect(routed).toMatchObject({ type: 'refused' })
    expect(routed.type === 'refused' && routed.message).toContain('workflow: found null')
  })

  it('say where an expression failed, without what it said', async () => {
    const invocationMethod = {
      ...workflow('all.yml'),
      workflowInputs: { n: '{{ .inputs.secret | tonumber }}' },
    }
    const routed = await route({ routes: [{ invocationMethod }] }, { properties: { secret: 'x' } })
    expect(routed).toMatchObject({
      notes: ['workflowInputs.n of route 0 failed in jq, so that null stands there.'],
    })
  })
})

describe('a configuration that is not valid', () => {
  it('is refused with every problem: entry, path, and the place in a template', async () => {
    const text = await problemsOf({
      secrets: ['DEPLOY_TOKEN', 'NOT_SET', 3],
      rules: [],
      routes: [
        { if: '{{ true }}', invocationMethod: { type: 'GITHUB', org: 'acme', repo: 'web' } },
        { when: 'always', invocationMethod: WEBHOOK },
        { when: '{{ .inputs | nosuch }}', invocationMethod: WEBHOOK },
        { when: '{{ .inputs', invocationMethod: { ...WEBHOOK, headers: { a: 'b {{ .a | }}' } } },
        { name: '', invocationMethod: {} },
        'x',
        { invocationMethod: { ...WEBHOOK, type: 'JENKINS' } },
      ],
    })
    expect(text).toMatchInlineSnapshot(`
      "The configuration port-dispatch.yml is not valid:
        routes[0].if: is not a field; expected name, when, invocationMethod
        routes[4].name: found ""; expected a string that is not empty
        routes[5]: found "x"; expected an object
        secrets[2]: found 3; expected the name of an environment variable
        rules: is not a field; expected routes, secrets, lint
        routes[0].invocationMethod.workflow: is missing
        routes[1].when: is not a condition; expected true, false or one template: {{ .inputs.environment == "production" }}
        routes[2].when: nosuch/0 is not defined
              1 | {{ .inputs | nosuch }}
                |              ^
        routes[3].when: "{{" at index 0 is never closed: add "}}" after its expression
        routes[3].invocationMethod.headers.a: syntax error, unexpected end of file
              1 | b {{ .a | }}
                |          ^
        routes[4].invocationMethod.type: is missing; expected one of GITHUB, GITLAB, WEBHOOK, KAFKA, INTEGRATION_ACTION, UPSERT_ENTITY, AZURE_DEVOPS, JENKINS, SLACK
        routes[6].invocationMethod.type: found JENKINS, which cannot be executed; expected one of GITHUB, GITLAB, WEBHOOK, KAFKA, INTEGRATION_ACTION, UPSERT_ENTITY
        secrets[1]: the environment variable NOT_SET is not set"
    `)
  })

  it('is refused with something else than routes', async () => {
    expect(await problemsOf({ routes: {} })).toContain(
      'routes: found an object; expected an array of routes',
    )
    expect(await problemsOf([])).toContain('found an array; expected an object')
  })

  it('can hold the configuration of lint only', async () => {
    const parsed = await parseTemplateRoutes(
      { lint: { rules: {} } },
      { name: 'x', environment: {} },
    )
    expect(parsed).toEqual({ routes: [], secrets: {}, notes: [] })
  })
})
