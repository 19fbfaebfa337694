import { Document, isCollection, isNode, isScalar, visit } from 'yaml'
import type { Edit } from './edits.ts'
import { endingOf } from './ending.ts'
import { inOtherJob, sameSource, statusesOf } from './expressions.ts'
import { goes, remarksOn, withoutStatus } from './migrate-job.ts'
import { indentOf } from './placement.ts'
import type { Plan, PortJob, Remark } from './plan.ts'
import { CONNECTION_INPUTS, type PortStep, replaceInPlace } from './port-step.ts'
import { writeReportStep } from './report-step.ts'
import { linesOf, spanOfNode } from './spans.ts'
import { holdsAnchors, type Job, keyOf, textOf, type Workflow } from './workflow.ts'

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
  const model = modelOf(workflow, jobs, steps)
  const place = lastJobOf(workflow)
  if (
    !model ||
    !place ||
    endings.some(({ type }) => type === 'own') ||
    endings.every((end) => end.type === 'report' && end.endsOnFailureOnly) ||
    // What such a job comes to does not show in the results that others see.
    ending.some(({ job }) => (textOf(job.node, 'continue-on-error') ?? 'false') !== 'false') ||
    steps.some((step) => !sameSource(step.runId, model.port.runId) || !step.step.isMovable)
  ) {
    return undefined
  }
  const edits: Edit[] = []
  const remarks: Remark[] = []
  const gone: PortStep[] = []
  for (const { job, ports } of jobs) {
    const own = ports.filter((port) => steps.includes(port))
    for (const port of ports) {
      const plan = own.includes(port)
        ? withoutStatus(workflow, job, port, own, 'which the last job sends')
        : { edits: replaceInPlace(port, source), remarks: remarksOn(job, port) }
      edits.push(...plan.edits)
      remarks.push(...plan.remarks)
    }
    gone.push(...own.filter((port) => goes(job, port, own)))
  }
  const id = freeId(jobs.map(({ job }) => job.id))
  const needs = withTheirNeeds(
    ending.map(({ job }) => job),
    workflow.jobs,
  )
  const lines = {
    id,
    needs,
    condition: conditionOf(ending),
    runsOn: runsOn(ending, workflow),
    gone,
  }
  edits.push({ from: place.at, to: place.at, text: writeJob(lines, model, place, workflow) })
  remarks.unshift({
    type: 'done',
    job: id,
    text: `is added and reports for ${needs.join(', ')}, all of which it needs`,
  })
  return { edits, remarks }
}

/** A step to take the credentials and the run id from, and how they are written in another job. */
interface Model {
  port: PortStep
  texts: Record<string, string>
}

function modelOf(
  workflow: Workflow,
  jobs: readonly PortJob[],
  steps: readonly PortStep[],
): Model | undefined {
  for (const port of steps) {
    const job = jobs.find(({ ports }) => ports.includes(port))?.job
    const texts: Record<string, string> = {}
    const isPortable = ['runId', ...CONNECTION_INPUTS].every((name) => {
      const given = port.inputs.get(name)
      const text = given === undefined || !job ? '' : inOtherJob(given, job, workflow)
      if (text && text !== given) texts[name] = text
      return text !== undefined
    })
    if (isPortable) return { port, texts }
  }
  return undefined
}

/**
 * Always, unless each job that ends the run with SUCCESS has a condition of its own: that none of them has run is not
 * a success then.
 */
function conditionOf(ending: readonly PortJob[]): string {
  const successes = ending.filter((portJob) => {
    const end = endingOf(portJob)
    return end.type === 'report' && !end.endsOnFailureOnly
  })
  if (successes.some(({ job }) => statusesOf(job.condition, undefined))) return 'always()'
  const results = successes.map(({ job }) => `needs.${job.id}.result == 'success'`)
  return ['failure()', 'cancelled()', ...results].join(' || ')
}

/** The runner of one of the jobs, if it can be named in another job. */
function runsOn(ending: readonly PortJob[], workflow: Workflow): string {
  for (const { job } of ending) {
    const node = job.node.get('runs-on', true)
    if (!isNode(node) || holdsAnchors(node)) continue
    const document = new Document(node.clone())
    visit(document, {
      Node: (_, part) => {
        part.comment = part.commentBefore = null
        if (isCollection(part)) part.flow = true
      },
    })
    const text = document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd()
    if (!text.includes('\n') && inOtherJob(text, job, workflow) === text) return text
  }
  return 'ubuntu-latest'
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
  if (!last || last.node.flow || !isScalar(first?.key) || !first.key.range) {
    return undefined
  }
  const { at, indent } = { at: linesOf(source, spanOfNode(last.node)).to, indent: last.indent }
  const key = first.key.range[0]
  const inner = source.slice(source.lastIndexOf('\n', key - 1) + 1, key)
  if (indent === undefined || inner.trim() !== '') return undefined
  return inner.length > indent.length ? { at, indent, inner } : undefined
}

interface JobLines {
  id: string
  needs: readonly string[]
  condition: string
  runsOn: string
  /** Steps that go away. */
  gone: readonly PortStep[]
}

function writeJob(
  { id, needs, condition, runsOn, gone }: JobLines,
  { port, texts }: Model,
  { at, indent, inner }: Place,
  { source, jobs }: Workflow,
): string {
  const job = jobs.find(({ steps }) => steps.includes(port.step))
  const steps = indentOf(source, port.step).slice(stepsIndent(job, source).length)
  return [
    source[at - 1] === '\n' ? '' : '\n',
    '\n',
    `${indent}${id}:\n`,
    `${inner}needs: [${needs.join(', ')}]\n`,
    `${inner}if: ${condition}\n`,
    `${inner}runs-on: ${runsOn}\n`,
    `${inner}steps:\n`,
    writeReportStep({
      source,
      model: port,
      texts,
      gone,
      reportsNeeds: true,
      indent: `${inner}${steps}`,
    }),
  ].join('')
}

function stepsIndent(job: Job | undefined, source: string): string {
  const at = (job && keyOf(job.node, 'steps'))?.range?.[0] ?? 0
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
