import { findRunId } from '../../run/find-run-id.ts'
import { SAMPLE_RUN_ID } from '../expressions.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const runName: Rule<Lintee> = {
  id: 'run-name',
  severity: 'info',
  summary: 'The run-name of the workflow contains the run ID, so that its run is found for certain',
  *check({ sent, target }) {
    if (!sent || target?.type !== 'workflow') return
    const found = findRunId(sent.sample)
    if (!found.found || found.runId !== SAMPLE_RUN_ID || target.workflow.inputs === undefined)
      return
    const { runName: name = '', file } = target.workflow
    const [input = ''] = found.path.split('.')
    if (new RegExp(`inputs(?:\\.|\\[')${input}\\b`, 'i').test(name)) return
    const expression = found.path.includes('.')
      ? `fromJSON(inputs.${input} || '{}').${found.path.slice(input.length + 1)}`
      : `inputs.${input}`
    yield {
      file,
      path: name === '' ? [] : ['run-name'],
      ...(name !== '' && { isKey: true }),
      message:
        'The run-name does not contain the run ID. On servers that do not return the run they started, such as GitHub Enterprise Server, the run is then told apart from others by its time only',
      advice: `Add it: run-name: ${name || 'Run'} (\${{ ${expression} }})`,
    }
  },
}
