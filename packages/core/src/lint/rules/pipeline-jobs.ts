import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { isCreated, isIncluded, sourcesOf, variablesOf } from '../pipeline/admission.ts'
import type { PipelineJob } from '../pipeline/pipeline.ts'

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
