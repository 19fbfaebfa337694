import type { Json, JsonObject } from '@port-dispatch/core'
import { parseAction, renderInvocationMethod } from '@port-dispatch/core/action'
import {
  actionFromPipeline,
  actionFromWorkflow,
  kindOfFile,
  skeletonFor,
} from '@port-dispatch/core/init'
import { lint, readPipeline, readWorkflow, type Target } from '@port-dispatch/core/lint'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { writeYaml } from '../../packages/cli/src/init/write-yaml.ts'
import {
  actionWith,
  type Field,
  fields,
  payloadOf,
  pipelineInputs,
  runIds,
  titles,
  workflowInputs,
  workflowWith,
} from '../support/init-arbitraries.ts'
import { fuzz } from './fuzz.ts'

const GITHUB = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }
const GITLAB = { type: 'GITLAB', groupName: 'acme', projectName: 'services', defaultRef: 'main' }
const OPTIONS = { repository: 'acme/services', ref: 'main' }

/** Writes the file of an action, and reads it again as a file: GitHub reads YAML 1.2, GitLab 1.1. */
async function fileFor(action: JsonObject, version: '1.1' | '1.2' = '1.2'): Promise<JsonObject[]> {
  const text = writeYaml(await skeletonFor(action, 'The action', { version: '0.1.0' }))
  const documents = parseAllDocuments(text, { version })
  return documents.map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as JsonObject
  })
}

async function findings(action: JsonObject, target: Target | undefined): Promise<string[]> {
  const found = await lint([{ file: 'action.json', document: action }], { targetOf: () => target })
  return found.findings.map(({ rule, path, message }) => `${rule} ${path.join('.')}: ${message}`)
}

function workflowTarget(document: Json): Target {
  const workflow = readWorkflow('deploy.yml', document, new Map())
  if (!workflow) throw new Error('It is not a workflow')
  return { type: 'workflow', workflow }
}

function pipelineTarget(documents: Json[]): Target {
  const pipeline = readPipeline('.gitlab-ci.yml', documents)
  if (!pipeline) throw new Error('It is not a pipeline')
  return { type: 'pipeline', pipeline }
}

/** The form of an action. */
function formOf(action: JsonObject) {
  const { userInputs } = action.trigger as {
    userInputs: { properties: JsonObject; required: string[] }
  }
  return { properties: userInputs.properties, required: [...userInputs.required].sort() }
}

function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ').replaceAll(/ +/g, ' ').trim()
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** What people read about a field: there is one text, and the title follows from the name. */
function textsOf({ name, definition }: Field): JsonObject {
  const title = titleOf(name)
  const text = [definition.description, definition.title].find(
    (each) => each !== undefined && each !== title,
  )
  return { title, ...(text !== undefined && { description: text }) }
}

const isNullable = ({ definition, isRequired, sending }: Field) =>
  sending === 'plain' && !isRequired && definition.default === undefined

const asText = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))

/** A field after it was the input of a workflow. */
function throughWorkflow(field: Field): JsonObject {
  const { definition, sending, constant } = field
  const isScalar = definition.type === 'boolean' || definition.type === 'number'
  // GitHub would refuse the text null for all other types.
  if (isNullable(field)) return { type: 'string', ...textsOf(field) }
  // What is sent if nothing was entered is the default.
  const fallback = definition.default ?? (sending === 'constant' ? constant : undefined)
  return {
    type: isScalar ? (definition.type ?? '') : 'string',
    ...textsOf(field),
    ...(definition.enum !== undefined && { enum: definition.enum }),
    ...(fallback !== undefined && { default: isScalar ? fallback : asText(fallback) }),
  }
}

describe('an action, its workflow, and the action of that', () => {
  it('have the same user inputs, as far as a workflow can say it', async () => {
    const where = fc.record({ fields, runId: runIds, title: titles, integration: fc.boolean() })
    await fuzz(
      where,
      async ({ fields: all, runId, title, integration }) => {
        const sent = {
          workflowInputs: { ...payloadOf(all), ...runId },
          reportWorkflowStatus: false,
        }
        const { type: _, ...place } = GITHUB
        const action = actionWith(
          all,
          title,
          integration
            ? {
                type: 'INTEGRATION_ACTION',
                installationId: 'github',
                integrationActionType: 'dispatch_workflow',
                integrationActionExecutionProperties: { ...place, ...sent },
              }
            : { ...GITHUB, ...sent },
        )

        const [workflow = {}] = await fileFor(action)
        const again = actionFromWorkflow({ file: 'deploy.yml', document: workflow }, OPTIONS)

        expect(await findings(action, workflowTarget(workflow))).toEqual([])
        expect(await findings(again.action, workflowTarget(workflow))).toEqual([])
        expect(formOf(again.action)).toEqual({
          properties: Object.fromEntries(all.map((each) => [each.name, throughWorkflow(each)])),
          required: formOf(action).required,
        })
        expect(again.action).toMatchObject({ invocationMethod: { reportWorkflowStatus: false } })
      },
      50,
    )
  })
})

/** An input of a workflow after it was a user input. */
function throughAction(name: string, input: JsonObject): JsonObject {
  const { type, description, options, required } = input
  const isFlag = type === 'boolean' && required !== true
  const fallback = input.default ?? (isFlag ? false : undefined)
  return {
    ...(description !== undefined && description !== titleOf(name) && { description }),
    // An action does not know the environments of the repository.
    type: type === 'environment' ? 'string' : (type ?? ''),
    ...(options !== undefined && { options }),
    ...(required === true && { required }),
    // A boolean without a default is false.
    ...(fallback !== undefined && { default: fallback }),
  }
}

describe('a workflow, its action, and the workflow of that', () => {
  it('have the same inputs', async () => {
    await fuzz(
      fc.record({ inputs: workflowInputs, title: titles, reports: fc.boolean() }),
      async ({ inputs, title, reports }) => {
        const document = workflowWith(inputs, title, reports)
        const { action } = actionFromWorkflow({ file: 'deploy.yml', document }, OPTIONS)
        expect(await findings(action, workflowTarget(document))).toEqual([])
        expect(action).toMatchObject({ invocationMethod: { reportWorkflowStatus: !reports } })

        const [again = {}] = await fileFor(action)

        expect(await findings(action, workflowTarget(again))).toEqual([])
        expect(again.on).toEqual({
          workflow_dispatch: {
            inputs: {
              ...Object.fromEntries(
                Object.entries(inputs).map(([name, input]) => [
                  name,
                  throughAction(name, input as JsonObject),
                ]),
              ),
              port_run_id: { description: 'Set by Port', type: 'string' },
            },
          },
        })
      },
      50,
    )
  })

  it('get what was entered, or their own default, and never the text null', async () => {
    const given = fc.record({ inputs: workflowInputs, isEmpty: fc.boolean() })
    await fuzz(
      given,
      async ({ inputs, isEmpty }) => {
        const document = workflowWith(inputs, 'Deploy', true)
        const { action } = actionFromWorkflow({ file: 'deploy.yml', document }, OPTIONS)
        const entered: JsonObject = Object.fromEntries(
          Object.entries(inputs as Record<string, JsonObject>).flatMap(
            ([name, { type, options, required }]) => {
              if (isEmpty && required !== true) return []
              const [option = 'x'] = (options ?? []) as string[]
              return [[name, type === 'boolean' ? false : type === 'number' ? 0 : option]]
            },
          ),
        )
        const { method, failures } = await renderInvocationMethod(
          parseAction(action).invocationMethod,
          {
            context: { inputs: entered, run: { id: 'r_1' } },
          },
        )
        expect(failures).toEqual([])
        const expected = Object.fromEntries(
          Object.entries(inputs as Record<string, JsonObject>).flatMap(([name, input]) => {
            const value = entered[name] ?? input.default
            if (value !== undefined) return [[name, value]]
            if (input.type === 'string') return [[name, '']]
            return input.type === 'boolean' ? [[name, false]] : []
          }),
        )
        expect(method).toMatchObject({ workflowInputs: { ...expected, port_run_id: 'r_1' } })
        expect(Object.keys((method as { workflowInputs: JsonObject }).workflowInputs)).toHaveLength(
          Object.keys(expected).length + 1,
        )
      },
      30,
    )
  })
})

/** A field after it was a variable of a pipeline, which is a text that nothing requires. */
function throughVariable(field: Field): JsonObject {
  const { definition, sending, constant } = field
  const isFlag = definition.type === 'boolean'
  const fallback = definition.default ?? (sending === 'constant' ? constant : undefined)
  return {
    type: isFlag ? 'boolean' : 'string',
    ...textsOf(field),
    ...(definition.enum !== undefined && { enum: definition.enum }),
    ...(fallback !== undefined && { default: isFlag ? fallback : asText(fallback) }),
  }
}

describe('an action, its pipeline, and the action of that', () => {
  it('have the same user inputs, as far as variables can say it', async () => {
    await fuzz(
      fc.record({ fields, title: titles }),
      async ({ fields: all, title }) => {
        const pipelineVariables = {
          ...payloadOf(all, (name) => name.toUpperCase()),
          PORT_RUN_ID: '{{ .run.id }}',
        }
        const action = actionWith(all, title, { ...GITLAB, pipelineVariables })

        const documents = await fileFor(action, '1.1')
        const again = actionFromPipeline({ file: '.gitlab-ci.yml', documents }, OPTIONS)

        expect(kindOfFile(documents)).toBe('pipeline')
        expect(await findings(action, pipelineTarget(documents))).toEqual([])
        expect(await findings(again.action, pipelineTarget(documents))).toEqual([])
        expect(formOf(again.action)).toEqual({
          properties: Object.fromEntries(all.map((each) => [each.name, throughVariable(each)])),
          required: [],
        })
      },
      50,
    )
  })
})

describe('a pipeline with inputs, its action, and the pipeline of that', () => {
  it('have the same inputs', async () => {
    await fuzz(
      pipelineInputs,
      async (inputs) => {
        const documents = [{ spec: { inputs } }, { deploy: { script: ['true'] } }]
        const { action } = actionFromPipeline({ file: '.gitlab-ci.yml', documents }, OPTIONS)
        expect(await findings(action, undefined)).toEqual([])

        const again = await fileFor(action, '1.1')

        const expected = Object.fromEntries(
          Object.entries(inputs as Record<string, JsonObject>).map(
            ([name, { description, ...input }]) => [
              name,
              {
                ...(description !== undefined && description !== titleOf(name) && { description }),
                ...input,
              },
            ],
          ),
        )
        expect(again[0]).toEqual({ spec: { inputs: expected } })
        expect(again[1]).toMatchObject({
          include: [{ component: expect.stringContaining('/report@0.1.0') }],
        })
      },
      50,
    )
  })
})
