import { readdirSync, readFileSync } from 'node:fs'
import { InputError, isJsonObject, type Json, type JsonObject } from '@port-dispatch/core'
import { isInvocationType, parseAction } from '@port-dispatch/core/action'
import { parseLintConfig } from '@port-dispatch/core/lint'
import { DefinitionError, defaultDefinition, parseSandboxDefinition } from '@port-dispatch/sandbox'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseTemplateRoutes } from '../packages/agent/src/routes/template-routes.ts'
import { schemaFiles } from '../scripts/schemas/schemas.ts'
import { fuzz } from './fuzz/fuzz.ts'
import { runCommand } from './support/run-command.ts'
import { inputsOf } from './support/thorough.ts'

const FOLDER = 'packages/cli/schemas'
const published = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file, readFileSync(`${FOLDER}/${file}`, 'utf8')]),
)

const ajv = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allErrors: true,
})
type Name = 'action' | 'config' | 'sandbox'
const validators = Object.fromEntries(
  (['action', 'config', 'sandbox'] as const).map((name) => [
    name,
    ajv.compile(JSON.parse(published[`${name}.schema.json`] ?? 'null')),
  ]),
) as Record<Name, ReturnType<typeof ajv.compile>>

/** What the JSON Schema says against a value. */
function errorsOf(name: Name, value: unknown): string[] {
  const validate = validators[name]
  if (validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

it('the published schemas are those that the sources give', () => {
  // If not: npm run build:schemas
  expect(published).toEqual(schemaFiles())
})

it('the command prints them, and lists where they are', async () => {
  const { stdout } = await runCommand(['schema'])
  expect(stdout.match(/schema\.json$/gm)).toHaveLength(3)
  for (const name of ['action', 'config', 'sandbox']) {
    const printed = await runCommand(['schema', name])
    expect(printed).toEqual({ code: 0, stderr: '', stdout: published[`${name}.schema.json`] })
    expect(stdout).toContain(JSON.parse(printed.stdout).$id)
  }
})

it('docs/schema.md has the entry of SchemaStore', () => {
  const entry = blocksOf('docs/schema.md', 'json').find(({ fileMatch }) => fileMatch !== undefined)
  expect(entry?.url).toBe(JSON.parse(published['config.schema.json'] ?? '').$id)
})

function jsonFiles(folder: string): [string, Json][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('action.json'))
    .map((name) => [`${folder}/${name}`, JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))])
}

/** The examples of a page in a language, by what they hold. */
function blocksOf(page: string, language: 'yaml' | 'json'): JsonObject[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')
  return [...readFileSync(page, 'utf8').matchAll(fence)].flatMap(([, text = '']) => {
    try {
      const value: unknown = parse(text)
      return isJsonObject(value) ? [value] : []
    } catch {
      // Part of a file.
      return []
    }
  })
}

const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)]
const blocks = pages.flatMap((page) =>
  [...blocksOf(page, 'yaml'), ...blocksOf(page, 'json')].map((value) => ({ page, value })),
)
const inDocs: [string, Name, JsonObject][] = [
  ...blocks
    .filter(({ value }) => 'invocationMethod' in value || isInvocationType(value.type))
    .map(({ page, value }): [string, Name, JsonObject] => [page, 'action', value]),
  ...blocks
    .filter(({ value }) => 'routes' in value || 'lint' in value)
    .map(({ page, value }): [string, Name, JsonObject] => [page, 'config', value]),
  ...blocks
    .filter(({ value }) => isJsonObject(value.github))
    .map(({ page, value }): [string, Name, JsonObject] => [page, 'sandbox', value]),
]

const actions = [...jsonFiles('examples'), ...jsonFiles('test/e2e/lint/examples')]

describe('what is right is valid', () => {
  it.for(actions)('%s', ([, value]) => expect(errorsOf('action', value)).toEqual([]))

  it.for<[string, Name, unknown]>([
    ['the actions of the sandbox, as a list', 'action', defaultDefinition.port.actions],
    ['a response of the API', 'action', { ok: true, actions: defaultDefinition.port.actions }],
    ['an invocation method alone', 'action', { type: 'KAFKA', payload: { a: '{{ .inputs.a }}' } }],
    ['a type that Port adds later', 'action', { type: 'CARRIER_PIGEON', loft: 1 }],
    [
      'the first version of actions',
      'action',
      { identifier: 'a', trigger: 'DAY-2', userInputs: {}, invocationMethod: { type: 'KAFKA' } },
    ],
    [
      "a workflow of Port's",
      'action',
      {
        nodes: [
          { identifier: 'start', config: { type: 'SELF_SERVE_TRIGGER' } },
          { identifier: 'call', config: { type: 'WEBHOOK', url: 'https://example.com' } },
        ],
      },
    ],
    [
      'the definition that the sandbox has',
      'sandbox',
      JSON.parse(JSON.stringify(defaultDefinition)),
    ],
    ...inDocs,
    ['a configuration that names its schema', 'config', { $schema: './x.json', routes: [] }],
  ])('%s', ([, name, value]) => {
    expect(errorsOf(name, value)).toEqual([])
  })
})

const GITHUB = { type: 'GITHUB', org: 'acme', repo: 'shop', workflow: 'deploy.yml' }
const REPOSITORY = { name: 'acme/shop', id: 1, ownerId: 1, workflows: {} }

describe('what is wrong is not valid', () => {
  it.for<[string, Name, unknown, string]>([
    [
      'a missing field',
      'action',
      { invocationMethod: { ...GITHUB, org: null } },
      '/org must be string',
    ],
    ['a branch beside the workflow', 'action', { ...GITHUB, ref: 'main' }, '/ref must be null'],
    [
      'the spelling of Terraform',
      'action',
      { ...GITHUB, workflow_inputs: {} },
      '/workflow_inputs must be null',
    ],
    [
      'no invocation method',
      'action',
      { identifier: 'a' },
      "must have required property 'invocationMethod'",
    ],
    ['a field of another type', 'action', { type: 'WEBHOOK', url: 1 }, '/url must be string'],
    [
      'an integration without its project',
      'action',
      { type: 'INTEGRATION_ACTION', integrationActionType: 'trigger_pipeline', ref: 'main' },
      "must have required property 'project'",
    ],
    [
      'a type that user inputs do not have',
      'action',
      {
        trigger: { userInputs: { properties: { a: { type: 'text' } } } },
        invocationMethod: GITHUB,
      },
      '/trigger/userInputs/properties/a/type must be equal to one of the allowed values',
    ],
    ['text', 'action', 'deploy', 'must be object,array'],
    ['a key that is misspelled', 'config', { route: [] }, 'must NOT have additional properties'],
    [
      'a rule that does not exist',
      'config',
      { lint: { rules: { 'run-ids': 'off' } } },
      'must be equal to one of the allowed values',
    ],
    [
      'a severity that does not exist',
      'config',
      { lint: { rules: { 'run-id': 'fatal' } } },
      '/lint/rules/run-id must be equal to one of the allowed values',
    ],
    [
      'a route without a method',
      'config',
      { routes: [{ name: 'a' }] },
      "/routes/0 must have required property 'invocationMethod'",
    ],
    [
      'a repository without its owner',
      'sandbox',
      { github: { tokens: [], repositories: [{ ...REPOSITORY, name: 'shop' }] } },
      'must match pattern',
    ],
    [
      'an id of 0',
      'sandbox',
      { github: { tokens: [], repositories: [{ ...REPOSITORY, id: 0 }] } },
      '/id must be >= 1',
    ],
    [
      'a status that does not exist',
      'sandbox',
      { github: { tokens: [], repositories: [], runDetails: 'some' } },
      '/github/runDetails must be equal to one of the allowed values',
    ],
  ])('%s', ([, name, value, said]) => {
    expect(errorsOf(name, value).join('\n')).toContain(said)
  })
})

/** Values in place of others, and names in place of others. */
const values = fc.constantFrom<Json>(
  ...[null, '', 'x', 'main', 0, 5, 1.5, -1, true, false],
  ...[[], {}, ['x'], [1], { a: 1 }, '{{ .a }}', 'GITHUB', 'AZURE_DEVOPS', 'dispatch_workflow'],
)
const renaming = fc.constantFrom<(key: string) => string>(
  (key) => key.toUpperCase(),
  (key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  (key) => key.replace(/[A-Z]/, '-$&'),
  ...['ref', 'branch', 'payload', 'inputs', 'body', 'blueprint', 'x', 'uri', 'topic'].map(
    (name) => () => name,
  ),
)
const change = fc.record({ at: fc.nat(), how: fc.nat({ max: 3 }), value: values, renaming })

interface Change {
  at: number
  how: number
  value: Json
  renaming: (key: string) => string
}

/** Every object and list of a value that {@link canChange} lets in, with its keys. */
function places(value: Json, canChange: (key: string) => boolean): [JsonObject | Json[], string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    canChange(key)
      ? [[value, key] as [JsonObject | Json[], string], ...places(item, canChange)]
      : [],
  )
}

/** A copy with some things removed, replaced, renamed or added. */
function changed(
  value: Json,
  changes: readonly Change[],
  canChange: (key: string) => boolean,
): Json {
  const copy = structuredClone(value)
  for (const { at, how, value: shared, renaming: rename } of changes) {
    const other = structuredClone(shared)
    const all = places(copy, canChange)
    const [holder, key = ''] = all[at % Math.max(1, all.length)] ?? []
    if (!holder) continue
    if (Array.isArray(holder)) holder[Number(key)] = other
    else if (how === 0) delete holder[key]
    else if (how === 1) holder[key] = other
    else {
      const item = holder[key] ?? null
      if (how === 2) delete holder[key]
      holder[rename(key)] = how === 2 ? item : other
    }
  }
  return copy
}

async function isAccepted(read: () => unknown): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    if (error instanceof InputError || error instanceof DefinitionError) return false
    throw error
  }
}

describe('the parser and the schema agree', () => {
  const methods: Json[] = [
    ...actions.map(([, value]) => value),
    {
      identifier: 'b',
      invocationMethod: { type: 'GITLAB', projectName: 'a', groupName: 'b', agent: true },
    },
    {
      identifier: 'c',
      invocationMethod: {
        type: 'UPSERT_ENTITY',
        blueprintIdentifier: 'a',
        mapping: { team: ['x'], properties: {} },
      },
    },
    {
      identifier: 'd',
      invocationMethod: { type: 'JENKINS', url: 'https://example.com', headers: { a: 'b' } },
    },
    ...[
      {
        type: 'INTEGRATION_ACTION',
        installationId: 'a',
        integrationActionType: 'dispatch_workflow',
        repo: 'a',
        workflow: 1,
      },
      {
        type: 'INTEGRATION_ACTION',
        integrationActionType: 'trigger_pipeline',
        integrationActionExecutionProperties: {
          project: 'a/b',
          ref: 'main',
          pipelineVariables: {},
        },
      },
    ],
  ]

  it('on actions, except for forms, which Port checks', async () => {
    const outside = (key: string) => !['trigger', 'icon', 'description', 'publish'].includes(key)
    const known = { accepted: 0, refused: 0 }
    await fuzz(
      fc.tuple(fc.constantFrom(...methods), fc.array(change, { minLength: 1, maxLength: 2 })),
      async ([value, changes]) => {
        const action = changed(value, changes, outside)
        const accepted = await isAccepted(() => parseAction(action))
        known[accepted ? 'accepted' : 'refused']++
        expect({ action, errors: errorsOf('action', action) }).toEqual({
          action,
          errors: accepted ? [] : expect.arrayContaining([expect.any(String)]),
        })
      },
      3000,
    )
    expect(Math.min(known.accepted, known.refused)).toBeGreaterThan(inputsOf(500))
  })

  it('on definitions of sandboxes', async () => {
    const value: Json = JSON.parse(JSON.stringify(defaultDefinition))
    // What actions and workflows hold has rules of its own.
    const own = (key: string) => !['content', 'trigger', 'invocationMethod', 'inputs'].includes(key)
    await fuzz(
      change,
      async (one) => {
        const definition = changed(value, [one], own)
        const errors = errorsOf('sandbox', definition)
        const problems = await parseSandboxDefinitionProblems(definition)
        // References that lead nowhere are not a matter of the schema.
        const isReference = problems.every((text) => REFERENCES.test(text))
        expect({ errors: errors.length > 0, definition }).toEqual({
          errors: problems.length > 0 && !isReference,
          definition,
        })
      },
      1500,
    )
  })

  it('on configurations', async () => {
    const value: Json = {
      routes: [{ name: 'a', when: true, invocationMethod: { type: 'KAFKA', payload: {} } }],
      secrets: ['TOKEN'],
      lint: { rules: { 'run-id': 'off' }, ignore: [{ rule: 'trigger', action: 'a', reason: 'b' }] },
    }
    const own = (key: string) => key !== 'invocationMethod'
    await fuzz(
      fc.array(change, { minLength: 1, maxLength: 2 }),
      async (changes) => {
        const config = changed(value, changes, own)
        const environment = {
          TOKEN: 'x',
          x: 'x',
          main: 'x',
          '{{ .a }}': 'x',
          GITHUB: 'x',
          AZURE_DEVOPS: 'x',
          dispatch_workflow: 'x',
        }
        const accepted =
          (await isAccepted(() => parseTemplateRoutes(config, { name: 'x', environment }))) &&
          (await isAccepted(() =>
            parseLintConfig(isJsonObject(config) ? config.lint : undefined, 'x'),
          ))
        // What a template holds is not a matter of the schema.
        const [route] = isJsonObject(config) && Array.isArray(config.routes) ? config.routes : []
        const when = isJsonObject(route) ? route.when : undefined
        if (typeof when === 'string' && !when.startsWith('{{')) return
        expect({ config, errors: errorsOf('config', config).length > 0 }).toEqual({
          config,
          errors: !accepted,
        })
      },
      1500,
    )
  })
})

const REFERENCES =
  /there is no action|is used more than once|is not one of the stages|the workflow has no step|content: (?!is missing|found)/

async function parseSandboxDefinitionProblems(definition: Json): Promise<readonly string[]> {
  try {
    parseSandboxDefinition(definition)
    return []
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems
    throw error
  }
}
