import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const pipelineInputs: Rule<Lintee> = {
  id: 'pipeline-inputs',
  severity: 'error',
  summary: 'The pipeline has no required inputs, which variables cannot fill in',
  *check({ sent, target }) {
    if (target?.type !== 'pipeline') return
    const { inputs, file } = target.pipeline
    for (const { name, path, hasDefault } of inputs) {
      if (!hasDefault) {
        yield {
          file,
          path,
          isKey: true,
          message: `GitLab refuses to create the pipeline without its input ${name}: an action sends variables, and no inputs`,
          advice: 'Give the input a default, or take the value as a variable',
        }
      } else if (sent?.values.some((each) => each.name.toLowerCase() === name.toLowerCase())) {
        yield {
          file,
          path,
          isKey: true,
          severity: 'warning',
          message: `The input ${name} keeps its default: an action sends a variable of this name, and no inputs`,
          advice: `Use the variable in the jobs, or take the default from it: default: $${name}`,
        }
      }
    }
  },
}
