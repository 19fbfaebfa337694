import { InputError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { type Pipeline, pipelineReports, readPipeline } from '../lint/pipeline/pipeline.ts'
import type { InitAction } from './from-workflow.ts'
import { type ActionOptions, gitlabMethod, selfServiceAction, triggerMethod } from './method.ts'
import { identifierOf, titleOf } from './names.ts'
import type { InitNote } from './note.ts'
import { FormReading, RUN_ID } from './pipeline-form.ts'

/** A pipeline file as it was read. */
export interface PipelineFile {
  /** As the user knows it: `.gitlab-ci.yml`. */
  file: string
  /** A header with `spec`, if it has one, and the pipeline. */
  documents: readonly Json[]
  /** Files of the same repository that it includes, by path. */
  included?: ReadonlyMap<string, readonly Json[]>
}

/**
 * Makes an action that starts a GitLab pipeline, with a user input for each variable that has a description, which are the
 * ones that GitLab asks for, and for each input of `spec:inputs`. Pipelines with such inputs are started by a webhook to
 * GitLab's trigger API: actions that start pipelines send variables only.
 *
 * @throws InputError if it is not a pipeline, or if an integration cannot send its inputs
 */
export function actionFromPipeline(
  { file, documents, included = new Map() }: PipelineFile,
  options: ActionOptions,
): InitAction {
  const pipeline = readPipeline(file, documents, included)
  if (!pipeline) {
    throw new InputError(`Cannot make an action from ${file}:`, [
      { path: '', found: 'it is not a GitLab pipeline' },
    ])
  }
  const reading = new FormReading()
  reading.readInputs(documents.length > 1 ? documents[0] : undefined)
  reading.readVariables(pipeline.document.variables)
  const { inputs, variables, properties, required, notes } = reading
  const method =
    inputs === undefined
      ? gitlabMethod(options, {
          reports: noteEnd(pipeline, options, notes),
          pipelineVariables: withRunId(variables),
        })
      : withInputs(file, options, { inputs, variables, notes })
  if (inputs !== undefined) noteEnd(pipeline, {}, notes)
  if (Object.keys(properties).length === 0) {
    notes.push({
      path: 'variables',
      message:
        'no variable has a description, and spec has no inputs, so that the form of the action is empty',
    })
  }
  if (options.ref === undefined) {
    notes.push({ path: '', message: 'the pipeline runs on main. For another branch, give --ref' })
  }
  const project = options.repository.split('/').at(-1) ?? ''
  const about = {
    identifier: identifierOf(project),
    title: titleOf(project),
    blueprint: options.blueprint,
    onEntity: options.blueprint !== undefined,
  }
  return { action: selfServiceAction(about, properties, required, method), notes }
}

function withInputs(
  file: string,
  options: ActionOptions,
  { notes, ...sent }: { inputs: JsonObject; variables: JsonObject; notes: InitNote[] },
): JsonObject {
  if (options.installationId !== undefined) {
    throw new InputError(`Cannot make an action from ${file}:`, [
      {
        path: 'spec.inputs',
        found: 'integrations of Port send variables, and no inputs',
        advice: 'Leave out the integration, or take the values as variables',
      },
    ])
  }
  notes.push({
    path: 'spec.inputs',
    message:
      'actions of type GITLAB send variables, and no inputs, so that this one is a WEBHOOK to GitLab. Store a trigger token of the project in Port as the secret GITLAB_TRIGGER_TOKEN',
  })
  return triggerMethod(options, sent)
}

/** Whether the pipeline ends the run in Port. Says so if nothing does, or if it is not known. */
function noteEnd(
  pipeline: Pipeline,
  { installationId }: Pick<ActionOptions, 'installationId'>,
  notes: InitNote[],
): boolean {
  if (pipelineReports({ ...pipeline, includesUnknown: false })) return true
  if (installationId !== undefined) return false
  notes.push({
    path: 'include',
    message: `${
      pipeline.includesUnknown
        ? 'the pipeline includes files that cannot be read here. If none of them reports to Port, nothing ends the run'
        : 'nothing ends the run in Port'
    }. Include the component report: gitlab.com/port-dispatch/port-dispatch/report`,
  })
  return false
}

function withRunId(variables: JsonObject): JsonObject {
  const isSent = Object.values(variables).includes(RUN_ID)
  return isSent ? variables : { ...variables, PORT_RUN_ID: RUN_ID }
}
