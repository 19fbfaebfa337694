// Random actions, workflows and pipelines that are right, for the properties of init.
import type { Json, JsonObject } from '@port-dispatch/core'
import fc from 'fast-check'

/** Names that a workflow, a pipeline and Port accept, and that none of them keeps for itself. */
const name = fc
  .stringMatching(/^[a-z][a-z0-9_]{0,11}$/)
  .filter((text) => !/^(?:ref|run_?id|port_.*|context|payload|run|ci_.*|gitlab_.*)$/i.test(text))

/** Text for people, with what YAML, jq, Port, GitHub and GitLab read otherwise. */
const piece = fc.oneof(
  fc.constantFrom(
    ...["it's 'quoted'", 'a "b"', '{{ .inputs.x }}', '}}', '{', '# no', ': ', 'yes', '1_000'],
    ...['\\(x)', '\\n', '$HOME', '- x', '2026-01-01', 'null', '~', 'é', '%', '@a', '!b', '&c'],
  ),
  fc.stringMatching(/^[a-zA-Z0-9 ]{1,8}$/),
)
const line = fc
  .array(piece, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(' ').replaceAll(/\s+/g, ' ').trim())
  .filter((text) => text !== '')

const numbers = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(0, 1.5, -0.25, 1e9))
const options = fc.uniqueArray(line, { minLength: 1, maxLength: 4 })

/** A user input, and what is sent if nothing is entered: undefined is nothing, `null` the text `null`. */
export interface Field {
  name: string
  definition: JsonObject
  isRequired: boolean
  /** `plain`: `{{ .inputs.x }}`. `constant`: `{{ .inputs.x // … }}`. `conditional`: the key is left out. */
  sending: 'plain' | 'constant' | 'conditional'
  constant: Json
}

const definition: fc.Arbitrary<{ definition: JsonObject; constant: Json }> = fc.oneof(
  typed('string', line),
  typed('number', numbers),
  fc.record({ value: fc.boolean(), fallback: fc.boolean() }).map(({ value, fallback }) => ({
    // What `// true` sends for false is another matter.
    definition: { type: 'boolean', ...(fallback && { default: value }) },
    constant: false,
  })),
  options.chain((values) =>
    fc
      .record({ constant: fc.constantFrom(...values), fallback: fc.boolean() })
      .map(({ constant, fallback }) => ({
        definition: { type: 'string', enum: values, ...(fallback && { default: constant }) },
        constant,
      })),
  ),
  fc.constantFrom(
    { definition: { type: 'array', items: { type: 'string' } }, constant: [] as Json },
    { definition: { type: 'object' }, constant: {} },
  ),
)

function typed(type: string, values: fc.Arbitrary<Json>) {
  return fc
    .record({ value: values, constant: values, fallback: fc.boolean() })
    .map(({ value, constant, fallback }) => ({
      definition: { type, ...(fallback && { default: value }) } as JsonObject,
      constant,
    }))
}

const field: fc.Arbitrary<Field> = fc
  .record({
    name,
    made: definition,
    title: fc.option(line, { nil: undefined }),
    description: fc.option(line, { nil: undefined }),
    isRequired: fc.boolean(),
    sending: fc.constantFrom('plain', 'constant', 'conditional'),
  })
  .map(({ name, made, title, description, isRequired, sending }) => ({
    name,
    definition: {
      ...made.definition,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
    },
    isRequired,
    sending: isRequired ? 'plain' : sending,
    constant: made.constant,
  }))

export const fields = fc.uniqueArray(field, { selector: ({ name }) => name, maxLength: 8 })

/** jq for a constant, as a person would write it. */
function jq(value: Json): string {
  return JSON.stringify(value).replaceAll(/['{}]/g, (letter) =>
    `{}`.includes(letter) && typeof value === 'object'
      ? letter
      : `\\u00${letter.charCodeAt(0).toString(16)}`,
  )
}

/** What an action sends, with the names that the keys get. */
export function payloadOf(
  all: readonly Field[],
  keyOf: (name: string) => string = (each) => each,
): JsonObject {
  return Object.fromEntries(
    all.map(({ name: input, sending, constant }) => {
      const path = `.inputs.${input}`
      if (sending === 'plain') return [keyOf(input), `{{ ${path} }}`]
      if (sending === 'constant') return [keyOf(input), `{{ ${path} // ${jq(constant)} }}`]
      return [`{{ if ${path} != null then "${keyOf(input)}" else null end }}`, `{{ ${path} }}`]
    }),
  )
}

export function actionWith(
  all: readonly Field[],
  title: string,
  invocationMethod: JsonObject,
): JsonObject {
  return {
    identifier: 'deploy_service',
    title,
    trigger: {
      type: 'self-service',
      operation: 'CREATE',
      userInputs: {
        properties: Object.fromEntries(all.map((each) => [each.name, each.definition])),
        required: all.filter(({ isRequired }) => isRequired).map((each) => each.name),
        order: all.map((each) => each.name),
      },
    },
    invocationMethod,
  }
}

export const titles = line

/** Where actions carry the id of the run to a workflow. */
export const runIds = fc.constantFrom<JsonObject>(
  { port_run_id: '{{ .run.id }}' },
  { port_context: { runId: '{{ .run.id }}' } },
  { port_payload: { context: { runId: '{{ .run.id }}' } } },
)

/** One input of `workflow_dispatch`. */
const workflowInput: fc.Arbitrary<JsonObject> = fc
  .record({
    made: fc.oneof(
      fc
        .record({ default: line }, { requiredKeys: [] })
        .map((rest) => ({ type: 'string', ...rest })),
      fc
        .record({ default: numbers }, { requiredKeys: [] })
        .map((rest) => ({ type: 'number', ...rest })),
      fc
        .record({ default: fc.boolean() }, { requiredKeys: [] })
        .map((rest) => ({ type: 'boolean', ...rest })),
      fc.tuple(options, fc.boolean(), fc.nat()).map(([values, isPreset, at]) => ({
        type: 'choice',
        options: values,
        ...(isPreset && { default: values[at % values.length] ?? '' }),
      })),
      fc.constant({ type: 'environment' }),
    ),
    description: fc.option(line, { nil: undefined }),
    required: fc.boolean(),
  })
  .map(
    ({ made, description, required }): JsonObject => ({
      ...(description !== undefined && { description }),
      ...made,
      ...(required && { required }),
    }),
  )

export const workflowInputs: fc.Arbitrary<JsonObject> = fc
  .uniqueArray(fc.tuple(name, workflowInput), { selector: ([key]) => key, maxLength: 8 })
  .map((entries): JsonObject => Object.fromEntries(entries))

/** A workflow that takes the id of the run, and reports to Port or leaves that to Port. */
export function workflowWith(inputs: JsonObject, title: string, reports: boolean): JsonObject {
  return {
    name: title,
    'run-name': `Deploy \${{ inputs.port_run_id }}`,
    on: { workflow_dispatch: { inputs: { ...inputs, port_run_id: { type: 'string' } } } },
    jobs: {
      deploy: {
        'runs-on': 'ubuntu-latest',
        steps: [
          ...(reports ? [{ uses: 'port-dispatch/port-dispatch@v1' }] : []),
          { run: 'echo deploying' },
        ],
      },
    },
  }
}

/** One input of `spec:inputs`. */
const pipelineInput: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ default: line }, { requiredKeys: [] }).map((rest) => ({ ...rest })),
  fc
    .record({ default: numbers }, { requiredKeys: [] })
    .map((rest) => ({ type: 'number', ...rest })),
  fc
    .record({ default: fc.boolean() }, { requiredKeys: [] })
    .map((rest) => ({ type: 'boolean', ...rest })),
  fc
    .record({ default: fc.array(line, { maxLength: 3 }) }, { requiredKeys: [] })
    .map((rest) => ({ type: 'array', ...rest })),
  fc.tuple(options, fc.boolean(), fc.nat()).map(([values, isPreset, at]) => ({
    options: values,
    ...(isPreset && { default: values[at % values.length] ?? '' }),
  })),
  fc.constant({ regex: '^v\\d+$' }),
)

export const pipelineInputs: fc.Arbitrary<JsonObject> = fc
  .uniqueArray(fc.tuple(name, pipelineInput, fc.option(line, { nil: undefined })), {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 8,
  })
  .map(
    (entries): JsonObject =>
      Object.fromEntries(
        entries.map(([key, input, description]) => [
          key,
          { ...(description !== undefined && { description }), ...input },
        ]),
      ),
  )
