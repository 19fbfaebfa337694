import { findRunId } from '../../run/find-run-id.ts'
import { SAMPLE_RUN_ID } from '../expressions.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const runId: Rule<Lintee> = {
  id: 'run-id',
  severity: 'warning',
  summary: 'The action sends the ID of the run in a form in which it is found',
  *check({ subject, sent, target }) {
    if (!sent || sent.isSampleUncertain || target?.type === 'missing') return
    if (target === undefined && !mentionsRun(sent.sample)) return
    const found = findRunId(sent.sample)
    if (found.found && found.runId === SAMPLE_RUN_ID) return
    // A name of its own is no mistake where the file uses that name itself.
    if (sent.isOpen && !mentionsRun(sent.sample)) return
    const isWorkflow = sent.field === 'workflowInputs'
    const where = whereIsIt(sent.sample)
    if (where !== undefined && subject.methodType !== undefined && usesItself(target, where)) return
    const name = isWorkflow ? 'port_run_id' : 'PORT_RUN_ID'
    yield {
      path:
        where === undefined
          ? sent.path
          : (sent.values.find((each) => each.name === where)?.path ?? sent.path),
      isKey: true,
      message:
        where === undefined
          ? `The action does not send the run ID, so that the ${isWorkflow ? 'workflow' : 'pipeline'} cannot report to the run in Port`
          : `The run ID is sent in ${where}, where nothing looks for it`,
      advice: `Send it as ${JSON.stringify(name)}: "{{ .run.id }}"`,
    }
  },
}

function mentionsRun(sample: unknown): boolean {
  return JSON.stringify(sample).includes(SAMPLE_RUN_ID)
}

/** The value that holds the id. */
function whereIsIt(sample: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(sample).find((key) => mentionsRun(sample[key]))
}

/** Whether the steps of the workflow, or the jobs of the pipeline, take the id from that name. */
function usesItself(target: Lintee['target'], name: string): boolean {
  if (target?.type === 'workflow') {
    const { jobs, calledSteps } = target.workflow
    const steps = [...jobs.flatMap((job) => job.steps), ...calledSteps]
    const pattern = new RegExp(`runId[^}]*inputs\\.${name}\\b|inputs\\.${name}\\b.*runs`, 's')
    return steps.some((step) =>
      typeof step.with.runId === 'string' &&
      new RegExp(`inputs\\.${name}\\b|env\\.`).test(step.with.runId)
        ? true
        : pattern.test(step.run),
    )
  }
  if (target?.type === 'pipeline') {
    return new RegExp(`\\$\\{?${name}\\b`).test(JSON.stringify(target.pipeline.document))
  }
  return false
}
