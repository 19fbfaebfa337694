import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { isOurs, operationOf } from '../workflow/reporting.ts'
import type { WorkflowJob } from '../workflow/workflow.ts'

export const unguardedJson: Rule<Lintee> = {
  id: 'unguarded-json',
  severity: 'error',
  summary: 'A REPORT step reads no JSON that is not there yet when it starts',
  *check({ target }) {
    if (target?.type !== 'workflow') return
    const { jobs, file } = target.workflow
    for (const job of jobs) {
      for (const [index, step] of job.steps.entries()) {
        // Only REPORT stands before the steps whose results it reads.
        if (!isOurs(step) || operationOf(step) !== 'REPORT') continue
        for (const [name, value] of Object.entries(step.with)) {
          if (typeof value !== 'string') continue
          for (const draft of inExpression(value, job, index)) {
            yield { ...draft, file, path: [...step.path, 'with', name] }
          }
        }
      }
    }
  },
}

/** `fromJSON(…)` with the output of a step, and nothing that takes its place. */
const FROM_JSON = /fromJSON\(\s*(steps(?:\.[\w-]+|\[\s*'[^']+'\s*\])[\w.'[\]-]*)\s*\)/gi

function* inExpression(text: string, job: WorkflowJob, index: number): Generator<Draft> {
  for (const match of text.matchAll(FROM_JSON)) {
    const [call, output = ''] = match
    const before = text.slice(text.lastIndexOf('${{', match.index), match.index)
    // `steps.x.outputs.y && fromJSON(steps.x.outputs.y)`
    if (
      before.includes(`${output} &&`) ||
      before.includes(`${output}&&`) ||
      /(?:!=\s*''|success\(\)|outcome)[^|]*&&/.test(before)
    )
      continue
    const id = /^steps(?:\.([\w-]+)|\[\s*'([^']+)')/i.exec(output)?.slice(1).find(Boolean)
    const earlier = job.steps.slice(0, index).find((step) => step.id === id)
    if (earlier && !earlier.isConditional) continue
    yield {
      path: [],
      span: { index: match.index, length: call.length },
      ...(earlier && { severity: 'warning' }),
      message: `The step fails: ${output} is empty when it starts${earlier ? ' if that step was skipped' : ''}, and fromJSON('') is an error`,
      advice: `Write fromJSON(${output} || '{}')`,
    }
  }
}
