import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const variableName: Rule<Lintee> = {
  id: 'variable-name',
  severity: 'error',
  summary: 'GitLab accepts the names of the variables',
  *check({ sent }) {
    if (sent?.field !== 'pipelineVariables') return
    for (const { name, path } of sent.values) {
      if (!/^\w+$/.test(name)) {
        yield {
          path,
          isKey: true,
          message: `GitLab refuses ${JSON.stringify(name)}, which is not the name of a variable`,
          advice: `Use letters, digits and _ only, for example ${name.replace(/\W+/g, '_')}`,
        }
      } else if (/^(?:CI|GITLAB)_/.test(name)) {
        yield {
          path,
          isKey: true,
          severity: 'warning',
          message: `${name} has the name of a variable that GitLab sets itself, which the jobs of the pipeline then do not see`,
          advice: 'Give it another name',
        }
      }
    }
  },
}

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
