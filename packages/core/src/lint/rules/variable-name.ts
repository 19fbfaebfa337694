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
