// The invocation methods that init writes, and what they are made of.
import { InputError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'

/** What is to be started. */
export interface ActionOptions {
  /** Path of the repository or project: `acme/services`, `acme/platform/provisioning`. */
  repository: string
  /** The branch or tag of a pipeline. A workflow runs on the default branch. */
  ref?: string
  /** Address of GitLab, where that has to be in the action. Default `https://gitlab.com`. */
  gitlabUrl?: string
  /** Identifier of the integration in Port that is to start it. Without it Port's own app or agent does. */
  installationId?: string
  /** Identifier of the blueprint that the action belongs to. */
  blueprint?: string
}

/** @throws InputError if it is not the owner and the name of a repository */
export function githubMethod(
  { repository, installationId }: ActionOptions,
  fields: { workflow: string; reportWorkflowStatus: boolean; workflowInputs: JsonObject },
): JsonObject {
  const [org = '', repo = '', ...more] = repository.split('/')
  if (org === '' || repo === '' || more.length > 0) throw notARepository(repository, 'OWNER/NAME')
  const properties = { org, repo, ...fields }
  if (installationId === undefined) return { type: 'GITHUB', ...properties }
  return integrationAction(installationId, 'dispatch_workflow', properties)
}

/** @throws InputError if it is not the path of a project */
export function gitlabMethod(
  { repository, installationId, ref = 'main' }: ActionOptions,
  { reports, pipelineVariables }: { reports: boolean; pipelineVariables: JsonObject },
): JsonObject {
  const { groupName, projectName } = projectOf(repository)
  if (installationId === undefined) {
    return { type: 'GITLAB', groupName, projectName, defaultRef: ref, pipelineVariables }
  }
  return integrationAction(installationId, 'trigger_pipeline', {
    project: repository,
    ref,
    reportPipelineStatus: !reports,
    pipelineVariables,
  })
}

/**
 * A request to GitLab's trigger API, which takes `inputs`. Actions that start pipelines send variables only.
 *
 * @throws InputError if it is not the path of a project
 */
export function triggerMethod(
  { repository, ref = 'main', gitlabUrl = 'https://gitlab.com' }: ActionOptions,
  { inputs, variables }: { inputs: JsonObject; variables: JsonObject },
): JsonObject {
  projectOf(repository)
  const project = encodeURIComponent(repository)
  return {
    type: 'WEBHOOK',
    url: `${gitlabUrl.replace(/\/+$/, '')}/api/v4/projects/${project}/trigger/pipeline`,
    method: 'POST',
    body: {
      token: '{{ .secrets.GITLAB_TRIGGER_TOKEN }}',
      ref,
      inputs,
      ...(Object.keys(variables).length > 0 && { variables }),
      // The jobs read it in the file $TRIGGER_PAYLOAD. A variable would need the permission to set variables.
      port_context: { runId: '{{ .run.id }}' },
    },
  }
}

/** The address to which {@link triggerMethod} sends. */
export const TRIGGER_URL =
  /^https?:\/\/[^/?#]+(?:\/[^?#]*)?\/api\/v4\/projects\/[^/?#]+\/trigger\/pipeline$/

function integrationAction(
  installationId: string,
  integrationActionType: string,
  integrationActionExecutionProperties: JsonObject,
): JsonObject {
  return {
    type: 'INTEGRATION_ACTION',
    installationId,
    integrationActionType,
    integrationActionExecutionProperties,
  }
}

function projectOf(path: string): { groupName: string; projectName: string } {
  const at = path.lastIndexOf('/')
  const [groupName, projectName] = [path.slice(0, Math.max(at, 0)), path.slice(at + 1)]
  if (groupName === '' || projectName === '') throw notARepository(path, 'GROUP/PROJECT')
  return { groupName, projectName }
}

function notARepository(path: string, expected: string): InputError {
  return new InputError('Cannot make an action:', [
    { path: 'repository', found: `found ${JSON.stringify(path)}`, expected },
  ])
}

/** An action that people run, with the form of its user inputs. */
export function selfServiceAction(
  about: { identifier: string; title: string; blueprint: string | undefined; onEntity: boolean },
  properties: JsonObject,
  required: readonly string[],
  invocationMethod: JsonObject,
): JsonObject {
  const { identifier, title, blueprint, onEntity } = about
  const order: Json[] = Object.keys(properties)
  return {
    identifier,
    title,
    trigger: {
      type: 'self-service',
      operation: onEntity ? 'DAY-2' : 'CREATE',
      ...(blueprint !== undefined && { blueprintIdentifier: blueprint }),
      userInputs: { properties, required: [...required], order },
    },
    invocationMethod,
  }
}
