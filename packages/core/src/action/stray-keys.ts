import type { Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { formatPath } from '../path.ts'
import type { ActionNote } from './action-note.ts'
import type { InvocationType } from './invocation-method.ts'

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
    ...Object.fromEntries(
      ['identifier', 'title', 'icon', 'team', 'properties', 'relations'].map((key) => [
        key,
        `It belongs to mapping.${key}`,
      ]),
    ),
  },
}

const HINTS: Record<string, string> = {
  queryParams: '. Put the parameters into url',
}

/**
 * The fields of a method that its type does not have: problems where they look like a misplaced or a misspelled
 * field, notes otherwise.
 */
export function strayKeys(
  type: InvocationType,
  method: JsonObject,
  known: readonly string[],
): { notes: ActionNote[]; problems: Problem[] } {
  const notes: ActionNote[] = []
  const problems: Problem[] = []
  const bySpelling = new Map(known.map((key) => [spelling(key), key]))
  for (const key of Object.keys(method)) {
    if (known.includes(key) || method[key] === null) continue
    const meant = bySpelling.get(spelling(key))
    const advice = Object.hasOwn(MISPLACED[type] ?? {}, key) ? MISPLACED[type]?.[key] : undefined
    const path = formatPath([key])
    if (meant !== undefined) problems.push(misspelled(path, key, meant))
    else if (advice !== undefined) {
      problems.push({ path, found: `is not a field of ${type}`, advice })
    } else if (type !== 'INTEGRATION_ACTION') {
      const hint = Object.hasOwn(HINTS, key) ? HINTS[key] : ''
      notes.push({
        type: 'unknown-key',
        path,
        message: `is not a field of ${type} and has no effect${hint}`,
      })
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
