import type { Problem } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { formatPath } from '../path.ts'
import { suggest } from '../text/suggest.ts'
import type { ActionNote } from './action-note.ts'
import { OWN, PROPERTY_ENTRIES, UNDER } from './integration-action.ts'
import type { InvocationType } from './invocation-method.ts'

export const ENTITY_FIELDS: readonly string[] = [
  'identifier',
  'title',
  'icon',
  'team',
  'properties',
  'relations',
]
const WORKFLOW_REF =
  'The branch or tag belongs to workflowInputs.ref, where it can come from a user input: "ref": "{{ .inputs.ref }}"'
const PIPELINE_REF =
  'The branch or tag belongs to defaultRef. A user input named ref takes precedence over it'

/** Fields that people put where Port does not read them, though they decide what is started and with which payload. */
export const MISPLACED: Partial<Record<InvocationType, Record<string, string>>> = {
  GITHUB: {
    ref: WORKFLOW_REF,
    branch: WORKFLOW_REF,
    defaultRef: WORKFLOW_REF,
    owner: 'The organization or user belongs to org',
    organization: 'The organization or user belongs to org',
    repository: 'The name of the repository belongs to repo',
    workflowId: 'The file name or the id of the workflow belongs to workflow',
    inputs: 'The inputs of the workflow belong to workflowInputs',
    payload: 'The inputs of the workflow belong to workflowInputs',
  },
  GITLAB: {
    ref: PIPELINE_REF,
    branch: PIPELINE_REF,
    project: 'The project belongs to groupName and projectName',
    projectId: 'The project belongs to groupName and projectName',
    projectPath: 'The project belongs to groupName and projectName',
    group: 'The group, with its subgroups, belongs to groupName',
    variables: 'The variables of the pipeline belong to pipelineVariables',
    payload: 'The variables of the pipeline belong to pipelineVariables',
  },
  WEBHOOK: {
    uri: 'The address belongs to url',
    endpoint: 'The address belongs to url',
    payload: 'The payload of a WEBHOOK belongs to body',
  },
  KAFKA: {
    body: 'The payload of KAFKA belongs to payload',
    topic: 'Port sends to the topic of the organization, which an action does not choose',
  },
  UPSERT_ENTITY: {
    blueprint: 'The identifier of the blueprint belongs to blueprintIdentifier',
    ...Object.fromEntries(ENTITY_FIELDS.map((key) => [key, `It belongs to mapping.${key}`])),
  },
}

/** The same for the properties of the actions of integrations. */
export const MISPLACED_PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dispatch_workflow: {
    owner: 'The organization or user belongs to org',
    organization: 'The organization or user belongs to org',
    repository: 'The name of the repository belongs to repo',
    workflowId: 'The file name or the id of the workflow belongs to workflow',
    branch: 'The branch or tag belongs to ref',
    defaultRef: 'The branch or tag belongs to ref',
    inputs: 'The inputs of the workflow belong to workflowInputs',
    payload: 'The inputs of the workflow belong to workflowInputs',
  },
  trigger_pipeline: {
    projectId: 'The full path or the id of the project belongs to project',
    projectPath: 'The full path or the id of the project belongs to project',
    projectName: 'The full path or the id of the project belongs to project',
    groupName: 'The full path or the id of the project belongs to project',
    branch: 'The branch or tag belongs to ref',
    defaultRef: 'The branch or tag belongs to ref',
    variables: 'The variables of the pipeline belong to pipelineVariables',
    payload: 'The variables of the pipeline belong to pipelineVariables',
  },
}

const HINTS: Record<string, string> = {
  queryParams: '. Put the parameters into url',
}

interface Stray {
  notes: ActionNote[]
  problems: Problem[]
}

/**
 * The fields of a method that its type does not have: problems where they look like a misplaced or a misspelled
 * field, notes otherwise.
 */
export function strayKeys(
  type: InvocationType,
  method: JsonObject,
  known: readonly string[],
): Stray {
  if (type === 'INTEGRATION_ACTION') return strayInIntegrationAction(method, known)
  const stray = lookAt(method, [], { what: type, known, misplaced: MISPLACED[type] })
  const { mapping } = method
  if (type !== 'UPSERT_ENTITY' || !isJsonObject(mapping)) return stray
  const inMapping = lookAt(mapping, ['mapping'], { what: 'an entity', known: ENTITY_FIELDS })
  return {
    notes: [...stray.notes, ...inMapping.notes],
    problems: [...stray.problems, ...inMapping.problems],
  }
}

/** Its properties are known for some actions only, and can stand in two places. */
function strayInIntegrationAction(method: JsonObject, known: readonly string[]): Stray {
  const action = String(method.integrationActionType)
  const own = [...known, ...OWN]
  if (!Object.hasOwn(PROPERTY_ENTRIES, action)) {
    const { problems } = lookAt(method, [], { what: 'INTEGRATION_ACTION', known: own })
    return { notes: [], problems }
  }
  const properties = Object.keys(PROPERTY_ENTRIES[action as keyof typeof PROPERTY_ENTRIES])
  const misplaced = MISPLACED_PROPERTIES[action]
  const beside = lookAt(method, [], { what: action, known: [...own, ...properties], misplaced })
  const under = method[UNDER]
  if (!isJsonObject(under)) return beside
  const inside = lookAt(under, [UNDER], { what: action, known: properties, misplaced })
  const twice = properties.filter(
    (key) =>
      (method[key] ?? null) !== null && Object.hasOwn(under, key) && method[key] !== under[key],
  )
  return {
    notes: [
      ...beside.notes,
      ...inside.notes,
      ...twice.map((key): ActionNote => {
        const message = `has no effect, because ${UNDER}.${key} takes precedence`
        return { type: 'unknown-key', path: key, message }
      }),
    ],
    problems: [...beside.problems, ...inside.problems],
  }
}

interface Fields {
  /** What has the fields: `GITHUB`. */
  what: string
  known: readonly string[]
  misplaced?: Readonly<Record<string, string>> | undefined
}

function lookAt(
  value: JsonObject,
  base: readonly string[],
  { what, known, misplaced = {} }: Fields,
): Stray {
  const notes: ActionNote[] = []
  const problems: Problem[] = []
  const bySpelling = new Map(known.map((key) => [spelling(key), key]))
  for (const key of Object.keys(value)) {
    // A key can be a template, which spreads an object.
    if (known.includes(key) || value[key] === null || key.includes('{{')) continue
    const path = formatPath([...base, key])
    const meant = bySpelling.get(spelling(key))
    const advice = Object.hasOwn(misplaced, key) ? misplaced[key] : undefined
    if (meant !== undefined) problems.push(misspelled(path, key, meant))
    else if (advice !== undefined) {
      problems.push({ path, found: `is not a field of ${what}`, advice })
    } else {
      const suggestion = suggest(key, known)
      const hint = Object.hasOwn(HINTS, key)
        ? HINTS[key]
        : suggestion && `. Did you mean ${JSON.stringify(suggestion)}?`
      const message = `is not a field of ${what} and has no effect${hint ?? ''}`
      notes.push({ type: 'unknown-key', path, message })
    }
  }
  return { notes, problems }
}

function misspelled(path: string, key: string, meant: string): Problem {
  const isSnakeCase = key === meant.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return {
    path,
    found: isSnakeCase ? 'is the spelling of Terraform and Pulumi' : 'is not spelled as in Port',
    advice: `Write ${meant}`,
  }
}

function spelling(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, '')
}
