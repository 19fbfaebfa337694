import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { fieldPath, methodFields } from '../sent-values.ts'
import { endsRun, isReport } from '../workflow/reporting.ts'
import type { Workflow } from '../workflow/workflow.ts'

export const reportedTwice: Rule<Lintee> = {
  id: 'reported-twice',
  severity: 'info',
  summary: 'The run in Port is ended once, when all of the work is done',
  *check({ subject, target }) {
    if (target?.type !== 'workflow') return
    const { workflow } = target
    const fields = methodFields(subject)
    const reports = workflow.jobs.flatMap((job) =>
      job.steps.filter((step) => isReport(step) && endsRun(step)).map((step) => ({ job, step })),
    )
    if (reports.length > 0 && fields.reportWorkflowStatus === true) {
      yield {
        path: fieldPath(subject, 'reportWorkflowStatus'),
        message: `Both Port and a REPORT step of ${workflow.file} end the run; the first one counts`,
        advice: 'Set reportWorkflowStatus to false: the step reports more',
      }
    }
    yield* endsTooEarly(workflow, reports)
  },
}

/** A REPORT step ends the run with its job; jobs that come after that are not in the status. */
function* endsTooEarly(
  { file, jobs }: Workflow,
  reports: readonly { job: Workflow['jobs'][number]; step: { path: Draft['path'] } }[],
): Generator<Draft> {
  for (const { job, step } of reports) {
    const later = jobs.filter(({ id, needs }) => id !== job.id && needs.includes(job.id))
    if (later.length === 0) continue
    yield {
      file,
      path: step.path,
      severity: 'warning',
      message: `This REPORT step ends the run in Port when the job ${job.id} ends, before ${later.map(({ id }) => id).join(' and ')}`,
      advice: `Set reportWorkflowStatus: false here, and report in a last job that needs all others, with needs: \${{ toJSON(needs) }}`,
    }
  }
}
