// The JSON Schemas that are published: of action definitions, of port-dispatch.yml, and of definitions of sandboxes.
import { configSchema, lintKey } from '../../packages/agent/src/routes/config-schema.ts'
import { ACTION_ENTRIES } from '../../packages/core/src/action/definition-entries.ts'
import { lintConfigSchema } from '../../packages/core/src/lint/config-schema.ts'
import { anyInvocationMethod, object } from '../../packages/core/src/schema/schemas.ts'
import { definitionSchema } from '../../packages/sandbox/src/definition/definition-schema.ts'
import { convert, type JsonSchema } from './convert.ts'
import { methodDefinitions } from './invocation-method.ts'

const BASE =
  'https://raw.githubusercontent.com/port-dispatch/port-dispatch/main/packages/cli/schemas'

const METHOD = { $ref: '#/$defs/invocationMethod' }
const ACTION = { $ref: '#/$defs/action' }
const METHODS = new Map([[anyInvocationMethod as unknown, 'invocationMethod']])

/** The text of each file, by its name. */
export function schemaFiles(): Record<string, string> {
  const all = { action: action(), config: config(), sandbox: sandbox() }
  return Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [
      `${name}.schema.json`,
      `${JSON.stringify(withHead(name, schema), null, 2)}\n`,
    ]),
  )
}

function withHead(name: string, schema: JsonSchema): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${BASE}/${name}.schema.json`,
    ...schema,
  }
}

function action(): JsonSchema {
  return {
    title: 'Action of Port',
    description:
      'A self-service action or automation of Port, a list of them, a response of the API of Port, a workflow of Port, or an invocation method alone. What templates hold is not checked: port-dispatch lint does that.',
    type: ['object', 'array'],
    // In the order in which the parser tells them apart.
    ...choose(
      [{ type: 'array' }, { items: ACTION }],
      [{ required: ['invocationMethod'] }, ACTION],
      [{ properties: { type: { type: 'string' } }, required: ['type'] }, METHOD],
      [
        { properties: { actions: { type: 'array' } }, required: ['actions'] },
        { properties: { actions: { items: ACTION } } },
      ],
      [
        { properties: { action: { type: 'object' } }, required: ['action'] },
        { properties: { action: ACTION } },
      ],
      [
        { properties: { nodes: { type: 'array' } }, required: ['nodes'] },
        { properties: { nodes: { items: node() } } },
      ],
    ),
    $defs: {
      action: convert(object(ACTION_ENTRIES), METHODS),
      ...methodDefinitions(),
    },
  }
}

/** The first whose condition holds counts; if none does, it is an action. */
function choose(...cases: (readonly [JsonSchema, JsonSchema])[]): JsonSchema {
  const [first, ...others] = cases
  if (!first) return ACTION
  const [condition, schema] = first
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  return { if: condition, then: schema, else: choose(...others) }
}

/** A node of a workflow of Port. Triggers and conditions start nothing. */
function node(): JsonSchema {
  return {
    type: 'object',
    if: {
      properties: {
        config: {
          type: 'object',
          properties: { type: { type: 'string', pattern: '_TRIGGER$|^CONDITION$' } },
          required: ['type'],
        },
      },
      required: ['config'],
    },
    else: { properties: { config: METHOD } },
  }
}

function config(): JsonSchema {
  const references = new Map([...METHODS, [lintKey as unknown, 'lint']])
  return {
    title: 'port-dispatch.yml',
    description:
      'Settings of port-dispatch: routes and secrets of the agent, and rules of lint. What templates hold is checked when the agent starts.',
    ...withSchemaKey(convert(configSchema, references)),
    $defs: { lint: convert(lintConfigSchema), ...methodDefinitions() },
  }
}

function sandbox(): JsonSchema {
  return {
    title: 'Definition of a sandbox of port-dispatch',
    description:
      'What the local stand-ins of Port, GitHub and GitLab serve. For a service that is missing, the example is used. References between values, such as the stage of a job, are checked when the sandbox starts.',
    ...withSchemaKey(convert(definitionSchema)),
  }
}

function withSchemaKey(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    properties: { $schema: { type: 'string' }, ...(schema.properties as object) },
  }
}
