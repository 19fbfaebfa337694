import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { isCreated, isIncluded, type Source, variablesOf } from '../pipeline/admission.ts'

export const pipelineRules: Rule<Lintee> = {
  id: 'pipeline-rules',
  severity: 'error',
  summary: 'workflow:rules let a pipeline be created that Port triggers',
  *check({ subject, sent, target }) {
    if (target?.type !== 'pipeline' || !sent) return
    const { pipeline } = target
    const refused = sourcesOf(subject.methodType).filter(
      (source) => isCreated(pipeline, variablesOf(sent, source)) === false,
    )
    if (refused.length === 0) return
    const isAlways = refused.length === sourcesOf(subject.methodType).length
    yield {
      file: pipeline.file,
      path: pipeline.rulesPath,
      isKey: true,
      ...(!isAlways && { severity: 'warning' }),
      message: `GitLab does not create the pipeline: no rule of workflow matches where CI_PIPELINE_SOURCE is ${refused.join(' or ')}${isAlways ? '' : `, as it is ${WITH[refused[0] ?? 'api']}`}`,
      advice: `Add a rule: - if: $CI_PIPELINE_SOURCE == "${refused[0]}"`,
    }
  },
}

export const pipelineJobs: Rule<Lintee> = {
  id: 'pipeline-jobs',
  severity: 'error',
  summary: 'A pipeline that Port triggers has jobs',
  *check({ subject, sent, target }) {
    if (target?.type !== 'pipeline' || !sent || target.pipeline.includesUnknown) return
    const { pipeline } = target
    if (pipeline.jobs.length === 0) return
    const refused = sourcesOf(subject.methodType).filter(
      (source) =>
        isCreated(pipeline, variablesOf(sent, source)) !== false &&
        pipeline.jobs.every(
          (job) =>
            // Jobs of these stages alone make no pipeline.
            job.job.stage === '.pre' ||
            job.job.stage === '.post' ||
            isIncluded(job, variablesOf(sent, source), source) === false,
        ),
    )
    if (refused.length === 0) return
    const isAlways = refused.length === sourcesOf(subject.methodType).length
    const [first] = pipeline.jobs
    yield {
      file: pipeline.file,
      path: first?.path ?? [],
      isKey: true,
      ...(!isAlways && { severity: 'warning' }),
      message: `GitLab does not create the pipeline: the rules of its jobs leave none where CI_PIPELINE_SOURCE is ${refused.join(' or ')}${isAlways ? '' : `, as it is ${WITH[refused[0] ?? 'api']}`}`,
      advice: `Add a rule to a job: - if: $CI_PIPELINE_SOURCE == "${refused[0]}"`,
    }
  },
}

/** How the pipelines of an action can be triggered. */
function sourcesOf(methodType: string | undefined): readonly Source[] {
  // Port's agent has a trigger token; with an access token it is the API.
  return methodType === 'GITLAB' ? ['trigger', 'api'] : ['api', 'trigger']
}

const WITH: Readonly<Record<Source, string>> = {
  trigger: 'with a trigger token',
  api: 'with an access token',
}
