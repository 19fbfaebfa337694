import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { isCreated, isIncluded, type Source, variablesOf } from '../pipeline/admission.ts'
import type { PipelineJob } from '../pipeline/pipeline.ts'

export const pipelineRules: Rule<Lintee> = {
  id: 'pipeline-rules',
  severity: 'error',
  summary: 'workflow:rules let a pipeline be created that Port triggers',
  *check({ subject, sent, target }) {
    if (target?.type !== 'pipeline' || !sent) return
    const { pipeline } = target
    const sources = sourcesOf(subject.methodType)
    if (sources.some((source) => isCreated(pipeline, variablesOf(sent, source)) !== false)) return
    yield {
      file: pipeline.file,
      path: pipeline.rulesPath,
      isKey: true,
      message: `GitLab does not create the pipeline: no rule of workflow matches where CI_PIPELINE_SOURCE is ${sources.join(' or ')}`,
      advice: `Add a rule: - if: $CI_PIPELINE_SOURCE == "${sources[0]}"`,
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
    const [first] = pipeline.jobs
    if (!first) return
    const sources = sourcesOf(subject.methodType)
    const canHaveJobs = sources.some((source) => {
      const variables = variablesOf(sent, source)
      // A pipeline that is not created at all is reported as such.
      if (isCreated(pipeline, variables) === false) return true
      return pipeline.jobs.some(
        (job) => !isAtTheEdge(job) && isIncluded(job, variables, source) !== false,
      )
    })
    if (canHaveJobs) return
    yield {
      file: pipeline.file,
      path: first.path,
      isKey: true,
      message: `GitLab does not create the pipeline: the rules of its jobs leave none where CI_PIPELINE_SOURCE is ${sources.join(' or ')}`,
      advice: `Add a rule to a job: - if: $CI_PIPELINE_SOURCE == "${sources[0]}"`,
    }
  },
}

/** Jobs of the first and the last stage alone make no pipeline. */
function isAtTheEdge({ job }: PipelineJob): boolean {
  return job.stage === '.pre' || job.stage === '.post'
}

/** Port's agent has a trigger token. Which API the integration calls is not documented. */
function sourcesOf(methodType: string | undefined): readonly Source[] {
  return methodType === 'GITLAB' ? ['trigger'] : ['api', 'trigger']
}
