import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { isCreated, sourcesOf, variablesOf } from '../pipeline/admission.ts'

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
