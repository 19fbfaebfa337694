import { isScalar, type Scalar } from 'yaml'
import { evaluate, type JobStatus } from './condition.ts'
import type { Edit } from './edits.ts'
import {
  type RunIdSource,
  readsSteps,
  runIdSource,
  type StepReads,
  statusesOf,
  stepReadsOf,
  type When,
  whenOf,
} from './expressions.ts'
import { removalOfPair } from './spans.ts'
import { type Job, mapIn, type Step, textOf, type Workflow } from './workflow.ts'

export const ACTION = 'port-dispatch/port-dispatch@v1'
const REPLACED = /^port-labs\/port-github-action(?:@.*)?$/i

/** What a step of port-github-action does to the status of the run. */
export type StatusEffect =
  /** None: it adds to the log, or works on an entity. */
  | 'none'
  /** It ends the run as a REPORT step of the job would. */
  | 'success'
  | 'failure'
  | 'either'
  /** It ends the run by something else. */
  | 'by-data'

/** A step of port-github-action. */
export interface PortStep {
  step: Step
  operation: string
  inputs: ReadonlyMap<string, string>
  when: When
  runId: RunIdSource
  /** What has to be there before Port can be reached: its run id and credentials, if they are made by steps. */
  made: StepReads
  effect: StatusEffect
  /** Why its message cannot become one of a REPORT step, as a clause; undefined if it can. */
  obstacle: string | undefined
}

export function isPortStep({ uses }: Pick<Step, 'uses'>): boolean {
  return uses !== undefined && REPLACED.test(uses.trim())
}

export function readPortStep(step: Step, job: Job, workflow: Workflow): PortStep | undefined {
  if (!isPortStep(step)) return undefined
  const inputs = inputsOf(step)
  const runId = runIdSource(inputs.get('runId'), job, workflow)
  const guard = runId.type === 'found' ? runId.input : bareInput(inputs)
  const operation = operationOf(inputs)
  return {
    step,
    operation,
    inputs,
    when: whenOf(step.condition, guard),
    runId,
    made: stepReadsOf(
      ['runId', ...CONNECTION_INPUTS].map((name) => inputs.get(name) ?? '').join(' '),
      job,
      workflow,
    ),
    effect:
      operation === 'PATCH_RUN'
        ? effectOf(inputs.get('status'), statusesOf(step.condition, guard))
        : 'none',
    obstacle: obstacleTo(step, inputs, job, workflow),
  }
}

/** A run id that is an input alone is its own guard, even where another input could name a run too. */
function bareInput(inputs: ReadonlyMap<string, string>): string | undefined {
  return /^\$\{\{\s*(?:github\.event\.)?inputs\.([\w-]+)\s*\}\}$/.exec(
    inputs.get('runId') ?? '',
  )?.[1]
}

function inputsOf({ node }: Step): ReadonlyMap<string, string> {
  const inputs = mapIn(node, 'with')
  return new Map(
    (inputs?.items ?? []).flatMap(({ key }) => {
      const name = isScalar(key) ? String(key.value) : ''
      const value = inputs && textOf(inputs, name)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

const FORMER: Readonly<Record<string, string>> = {
  UPDATE_RUN: 'PATCH_RUN',
  UPSERT_ENTITY: 'UPSERT',
}
const RUN_INPUTS = ['logMessage', 'status', 'summary', 'link']
const ENTITY_INPUTS = ['blueprint', 'identifier', 'entities', 'query', 'properties', 'relations']

/** The operation that a step is meant to have. Without one, port-github-action upserts. */
function operationOf(inputs: ReadonlyMap<string, string>): string {
  const name = inputs.get('operation')?.trim().toUpperCase()
  if (name) return FORMER[name] ?? name
  const isForRun = RUN_INPUTS.some((input) => inputs.has(input))
  const isForEntity = ENTITY_INPUTS.some((input) => inputs.has(input))
  return isForRun && !isForEntity ? 'PATCH_RUN' : 'UPSERT'
}

/** By what the status is wherever the step runs. */
function effectOf(status: string | undefined, statuses: readonly JobStatus[] = []): StatusEffect {
  const text = status?.trim() ?? ''
  if (text === '') return 'none'
  const [, expression] = /^\$\{\{([\s\S]*)\}\}$/.exec(text) ?? []
  const sends = (jobStatus: JobStatus) => {
    const value = expression === undefined ? text : evaluate(expression, jobStatus)
    const name = String(value).toUpperCase()
    return name === 'CANCELLED' ? 'FAILURE' : name
  }
  const fits = statuses.every(
    (jobStatus) => sends(jobStatus) === (jobStatus === 'success' ? 'SUCCESS' : 'FAILURE'),
  )
  if (!fits || statuses.length === 0) return 'by-data'
  if (!statuses.includes('success')) return 'failure'
  return statuses.length === 1 ? 'success' : 'either'
}

/** How Port is reached. */
export const CONNECTION_INPUTS = ['clientId', 'clientSecret', 'baseUrl'] as const

/** Whether two steps reach the same Port as the same client. */
export function sameConnection(a: PortStep, b: PortStep): boolean {
  const text = (port: PortStep, name: string) => (port.inputs.get(name) ?? '').replaceAll(' ', '')
  return CONNECTION_INPUTS.every((name) => text(a, name) === text(b, name))
}

const FOLDED_INPUTS = [
  ...CONNECTION_INPUTS,
  'operation',
  'runId',
  'status',
  'logMessage',
  'link',
  'summary',
  'icon',
]
const FOLDED_KEYS = ['name', 'id', 'if', 'uses', 'with', 'continue-on-error']

function obstacleTo(
  step: Step,
  inputs: ReadonlyMap<string, string>,
  job: Job,
  workflow: Workflow,
): string | undefined {
  if (!step.isMovable) return 'it is not a plain step in block style'
  const keys = step.node.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''))
  const key = keys.find((name) => !FOLDED_KEYS.includes(name))
  if (key !== undefined) return `it has the key ${key}`
  const input = [...inputs.keys()].find((name) => !FOLDED_INPUTS.includes(name))
  if (input !== undefined) return `it has the input ${input}`
  if (isNamed(step, workflow)) return `the workflow refers to steps.${step.id}`
  const reading = RUN_INPUTS.find((name) => readsSteps(inputs.get(name) ?? '', job, workflow))
  return reading && `its ${reading} uses what the steps before it have made`
}

/** Whether something in the workflow asks what became of the step. */
function isNamed({ id }: Step, { source }: Workflow): boolean {
  if (id === undefined) return false
  const name = id.replace(/[^\w-]/g, '')
  return new RegExp(`\\bsteps(?:\\.${name}(?![\\w-])|\\[\\s*['"]${name}['"])`).test(source)
}

/** Whether the step only says that the work begins. */
export function isStart(port: PortStep, before: readonly Step[]): boolean {
  const { operation, effect, when, inputs, obstacle } = port
  return (
    operation === 'PATCH_RUN' &&
    effect === 'none' &&
    (when === 'success' || when === 'always') &&
    obstacle === undefined &&
    inputs.has('logMessage') &&
    !inputs.has('link') &&
    !inputs.has('summary') &&
    before.every(({ uses }) => uses !== undefined && /^actions\/(?:checkout|setup-)/.test(uses))
  )
}

/** Edits that make the step one of our Action, in its place. */
export function replaceInPlace({ step, operation, inputs }: PortStep, source: string): Edit[] {
  const uses = step.node.get('uses', true)
  if (!isScalar(uses) || !uses.range) return []
  const edits = [replaceUses(uses, source)]
  const given = inputs.get('operation')
  if (given?.trim().toUpperCase() === operation || given?.includes(`\${{`)) return edits
  const map = mapIn(step.node, 'with')
  const [first] = map?.items ?? []
  if (!map || !first) return edits
  if (given !== undefined) {
    const node = map.get('operation', true)
    if (isScalar(node) && node.range) {
      edits.push({ from: node.range[0], to: node.range[1], text: operation })
    }
    return edits
  }
  const at = isScalar(first.key) ? first.key.range?.[0] : undefined
  if (at === undefined) return edits
  const indent = source.slice(source.lastIndexOf('\n', at - 1) + 1, at)
  const separator = map.flow ? ', ' : `${source.includes('\r\n') ? '\r\n' : '\n'}${indent}`
  edits.push({ from: at, to: at, text: `operation: ${operation}${separator}` })
  return edits
}

/** The version in a comment behind a pinned commit is one of the other Action. */
function replaceUses(uses: Scalar, source: string): Edit {
  const [from, to] = uses.range ?? [0, 0]
  const version = /^[ \t]*#[ \t]*v?\d[\w.-]*[ \t]*(?=\r?\n|$)/.exec(source.slice(to))
  const quote = /^["']/.exec(source.slice(from))?.[0] ?? ''
  return { from, to: to + (version?.[0].length ?? 0), text: quote + ACTION + quote }
}

/** The edit that takes the status from a step whose job ends the run in another way. */
export function dropStatus({ step }: PortStep, source: string): Edit[] {
  const inputs = mapIn(step.node, 'with')
  const pair = inputs?.items.find(({ key }) => isScalar(key) && key.value === 'status')
  return inputs && pair ? [removalOfPair(source, inputs, pair)] : []
}

/** Why a step keeps its status although its job ends the run in another way, as a clause; undefined if it does not. */
export function whyStatusStays(port: PortStep, ending: readonly PortStep[]): string | undefined {
  if (!port.step.isMovable) return 'it is not a plain step in block style'
  const others = ending.filter(
    ({ step, effect, when }) =>
      step !== port.step && effect === port.effect && when === port.when && when !== 'cancelled',
  )
  // The first one is right, and what the others say is wrong once it has ended the run.
  return others.length > 0 && saysSomething(port) ? 'it is one of several' : undefined
}

/** Whether the step still has something to say without its status. */
export function saysSomething({ inputs }: PortStep): boolean {
  return ['logMessage', 'link', 'summary'].some((input) => inputs.has(input))
}
