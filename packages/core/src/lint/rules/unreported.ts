import type { Json } from '../../json.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { pipelineReports } from '../pipeline/pipeline.ts'
import { fieldPath, methodFields } from '../sent-values.ts'
import { canEndRun } from '../workflow/reporting.ts'

export const unreported: Rule<Lintee> = {
  id: 'unreported',
  severity: 'warning',
  summary:
    'Something ends the run in Port: Port itself, a step of the workflow or a job of the pipeline',
  *check({ subject, target }) {
    const fields = methodFields(subject)
    if (target?.type === 'workflow' && target.workflow.inputs !== undefined) {
      if (!isOff(fields.reportWorkflowStatus) || canEndRun(target.workflow)) return
      yield {
        path: fieldPath(subject, 'reportWorkflowStatus'),
        message: `Nothing ends the run in Port: reportWorkflowStatus is false, and no step of ${target.workflow.file} reports a status`,
        advice:
          'Set reportWorkflowStatus to true, or add a step with port-dispatch/port-dispatch@v1 to the job',
      }
    }
    if (target?.type === 'pipeline') {
      const isIntegration = subject.methodType === 'INTEGRATION_ACTION'
      if (isIntegration && !isOff(fields.reportPipelineStatus)) return
      if (pipelineReports(target.pipeline)) return
      yield {
        path: isIntegration ? fieldPath(subject, 'reportPipelineStatus') : subject.methodPath,
        ...(!isIntegration && { isKey: true }),
        message: `Nothing ends the run in Port: no job of ${target.pipeline.file} reports a status`,
        advice: 'Include the component report: gitlab.com/port-dispatch/port-dispatch/report',
      }
    }
  },
}

function isOff(flag: Json | undefined): boolean {
  return flag === false || flag === 'false'
}
