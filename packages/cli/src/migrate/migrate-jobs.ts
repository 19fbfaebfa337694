import { isNode, isScalar } from 'yaml'
import type { Edit } from './edits.ts'
import { endingOf } from './ending.ts'
import { sameSource } from './expressions.ts'
import { remark, remarksOn } from './migrate-job.ts'
import { indentOf, removal } from './placement.ts'
import type { Plan, PortJob, Remark } from './plan.ts'
import { dropStatus, type PortStep, replaceInPlace, saysSomething } from './port-step.ts'
import { writeReportStep } from './report-step.ts'
import { type Job, linesOf, type Workflow } from './workflow.ts'

/**
 * Where several jobs, or the jobs of a matrix, end the run, a last job is added that needs them all and reports how they
 * ended. Their own messages stay where they are.
 *
 * @returns undefined if one job, or none, ends the run, or if they do it in a way that is for their own steps only
 */
export function reportInLastJob(workflow: Workflow, jobs: readonly PortJob[]): Plan | undefined {
  const { source } = workflow
  const ending = jobs.filter((portJob) => endingOf(portJob).type !== 'none')
  if (ending.length < 2 && !ending.some(({ job }) => job.hasMatrix)) return undefined
  const endings = ending.map(endingOf)
  const steps = endings.flatMap((end) => (end.type === 'report' ? end.steps : []))
  const [model] = steps
  const place = lastJobOf(workflow)
  if (
    !model ||
    !place ||
    endings.some(({ type }) => type === 'own') ||
    endings.every((end) => end.type === 'report' && end.endsOnFailureOnly) ||
    model.runId.type === 'step' ||
    steps.some((step) => !sameSource(step.runId, model.runId) || !step.step.isMovable)
  ) {
    return undefined
  }
  const edits: Edit[] = []
  const remarks: Remark[] = []
  for (const { job, ports } of jobs) {
    for (const port of ports) {
      if (!steps.includes(port)) {
        edits.push(...replaceInPlace(port, source))
        remarks.push(...remarksOn(job, port))
      } else if (saysSomething(port) || job.steps.length === 1) {
        edits.push(...dropStatus(port, source), ...replaceInPlace(port, source))
        const text = 'stays as PATCH_RUN without its status, which the last job sends'
        remarks.push(remark('kept', job, port.step, text))
      } else edits.push(removal(source, job, port.step))
    }
  }
  const id = freeId(jobs.map(({ job }) => job.id))
  const needs = withTheirNeeds(
    ending.map(({ job }) => job),
    workflow.jobs,
  )
  edits.push({ from: place.at, to: place.at, text: writeJob(id, needs, model, place, workflow) })
  remarks.unshift({
    type: 'done',
    job: id,
    text: `is added and reports for ${needs.join(', ')}, all of which it needs`,
  })
  return { edits, remarks }
}

interface Place {
  at: number
  /** White space before the id of a job, and before its keys. */
  indent: string
  inner: string
}

function lastJobOf({ jobs, source }: Workflow): Place | undefined {
  const last = jobs.at(-1)
  const [first] = last?.node.items ?? []
  if (!last?.node.range || last.node.flow || !isScalar(first?.key) || !first.key.range) {
    return undefined
  }
  const span = linesOf(source, { from: last.node.range[0], to: last.node.range[1] })
  const inner = source.slice(span.from, first.key.range[0])
  const above = source.slice(0, span.from).trimEnd().split('\n').at(-1) ?? ''
  const indent = /^ */.exec(above)?.[0] ?? ''
  return inner.length > indent.length ? { at: span.to, indent, inner } : undefined
}

function writeJob(
  id: string,
  needs: readonly string[],
  model: PortStep,
  { at, indent, inner }: Place,
  { source, jobs }: Workflow,
): string {
  const job = jobs.find(({ steps }) => steps.includes(model.step))
  const runsOn = job?.node.get('runs-on', true)
  const written =
    isNode(runsOn) && runsOn.range ? source.slice(runsOn.range[0], runsOn.range[1]) : ''
  const runner = written === '' || written.includes('\n') ? 'ubuntu-latest' : written
  const steps = indentOf(source, model.step).slice(stepsIndent(job, source).length)
  return [
    source[at - 1] === '\n' ? '' : '\n',
    '\n',
    `${indent}${id}:\n`,
    `${inner}needs: [${needs.join(', ')}]\n`,
    `${inner}if: always()\n`,
    `${inner}runs-on: ${runner}\n`,
    `${inner}steps:\n`,
    writeReportStep({ model, reportsNeeds: true, indent: `${inner}${steps}` }),
  ].join('')
}

function stepsIndent(job: Job | undefined, source: string): string {
  const pair = job?.node.items.find(({ key }) => isScalar(key) && key.value === 'steps')
  const at = isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : 0
  return source.slice(source.lastIndexOf('\n', at - 1) + 1, at)
}

function freeId(ids: readonly string[]): string {
  const candidates = ['report', 'report-to-port', ...ids.map((_, index) => `report-${index + 2}`)]
  return candidates.find((id) => !ids.includes(id)) ?? 'report-to-port-run'
}

/** The jobs and all that they need, in the order of the file: a job that is skipped does not say why. */
function withTheirNeeds(jobs: readonly Job[], all: readonly Job[]): string[] {
  const names = new Set<string>()
  const add = (id: string) => {
    if (names.has(id)) return
    names.add(id)
    for (const need of all.find((job) => job.id === id)?.needs ?? []) add(need)
  }
  for (const { id } of jobs) add(id)
  return all.map(({ id }) => id).filter((id) => names.has(id))
}
