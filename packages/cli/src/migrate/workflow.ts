import { InputError } from '@port-dispatch/core'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

/** Part of the text of a workflow, by offsets. */
export interface Span {
  from: number
  to: number
}

/** A step of a job, with its place in the text. */
export interface Step {
  node: YAMLMap
  /** As people call it: its name, its id, or its number. */
  label: string
  id?: string
  uses?: string
  /** The text of `if`. */
  condition?: string
  /** Its lines, from the dash. */
  span: Span
  /** Where the comments begin that stand directly above it; else where it begins. */
  commentsFrom: number
  /** Whether its lines are its own, so that they can be taken out: no flow style, no anchors. */
  isMovable: boolean
}

export interface Job {
  id: string
  node: YAMLMap
  steps: Step[]
  needs: string[]
  condition?: string
  env: ReadonlyMap<string, string>
  hasMatrix: boolean
}

export interface Workflow {
  source: string
  document: Document.Parsed
  /** `composite` is an action.yml, whose steps have no job that ends. */
  kind: 'workflow' | 'composite'
  jobs: Job[]
  events: string[]
  /** Names of the inputs of `workflow_dispatch`. */
  inputs: string[]
  env: ReadonlyMap<string, string>
}

/**
 * Reads a workflow, or an action with steps.
 *
 * @returns undefined if it is YAML and neither
 * @throws InputError with line and column if it is not YAML
 */
export function readWorkflow(source: string, name: string): Workflow | undefined {
  const lineCounter = new LineCounter()
  const document = parseDocument(source, { keepSourceTokens: true, lineCounter, logLevel: 'error' })
  // One line that is not YAML makes the parser stumble over those that follow.
  const [error] = document.errors
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    const [message = ''] = error.message.split('\n', 1)
    const found = message.replace(/ at line \d+, column \d+:?$/, '')
    throw new InputError('The workflow is not valid YAML:', [
      { path: `${name}:${line}:${col}`, found: `is not valid YAML: ${found}` },
    ])
  }
  const root = document.contents
  if (!isMap(root)) return undefined
  const rest = { source, document, env: textMap(root.get('env', true)) }
  const jobs = root.get('jobs', true)
  if (isMap(jobs)) {
    const on = root.get('on', true) ?? root.get(true, true)
    return {
      ...rest,
      kind: 'workflow',
      jobs: jobs.items.flatMap((pair) => readJob(pair, source)),
      events: namesIn(on),
      inputs: isMap(on) ? namesIn(on.getIn(['workflow_dispatch', 'inputs'], true)) : [],
    }
  }
  const runs = root.get('runs', true)
  if (isMap(runs) && isSeq(runs.get('steps', true))) {
    const job = { ...jobOf('runs', runs, source), id: 'the action' }
    return { ...rest, kind: 'composite', jobs: [job], events: [], inputs: [] }
  }
  return undefined
}

function readJob({ key, value }: Pair, source: string): Job[] {
  const id = isScalar(key) ? String(key.value) : ''
  return isMap(value) ? [jobOf(id, value, source)] : []
}

function jobOf(id: string, node: YAMLMap, source: string): Job {
  const condition = textOf(node, 'if')
  const steps = node.get('steps', true)
  return {
    id,
    node,
    steps: isSeq(steps) ? readSteps(steps, source) : [],
    needs: namesIn(node.get('needs', true)),
    ...(condition !== undefined && { condition }),
    env: textMap(node.get('env', true)),
    hasMatrix: node.hasIn(['strategy', 'matrix']),
  }
}

function readSteps(steps: YAMLSeq, source: string): Step[] {
  const result: Step[] = []
  let end = 0
  steps.items.forEach((node, index) => {
    if (!isMap(node)) {
      if (isNodeWithRange(node)) end = node.range[1]
      return
    }
    const span = spanOf(steps, node, index, source)
    const id = textOf(node, 'id')
    const uses = textOf(node, 'uses')
    const condition = textOf(node, 'if')
    result.push({
      node,
      label: textOf(node, 'name') ?? id ?? `step ${index + 1}`,
      ...(id !== undefined && { id }),
      ...(uses !== undefined && { uses }),
      ...(condition !== undefined && { condition }),
      span,
      commentsFrom: commentsAbove(source, span.from, end),
      isMovable: !steps.flow && !node.flow && !holdsAnchors(node),
    })
    end = span.to
  })
  return result
}

function spanOf(steps: YAMLSeq, node: YAMLMap, index: number, source: string): Span {
  const token = steps.srcToken
  const dash =
    token?.type === 'block-seq'
      ? token.items[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset
      : undefined
  return linesOf(source, { from: dash ?? node.range?.[0] ?? 0, to: node.range?.[1] ?? 0 })
}

/** The whole lines of a part, without the empty ones at its end. */
export function linesOf(source: string, { from, to }: Span): Span {
  const last = from + source.slice(from, to).trimEnd().length
  const newline = source.indexOf('\n', last)
  return {
    from: source.lastIndexOf('\n', from - 1) + 1,
    to: newline === -1 ? source.length : newline + 1,
  }
}

/** Lines of a pair of a map in block style. */
export function linesOfPair(source: string, { key, value }: Pair): Span | undefined {
  if (!isNodeWithRange(key)) return undefined
  const to = isNodeWithRange(value) ? value.range[1] : key.range[1]
  return linesOf(source, { from: key.range[0], to })
}

function commentsAbove(source: string, from: number, end: number): number {
  let at = from
  while (at > end) {
    const start = source.lastIndexOf('\n', at - 2) + 1
    if (start < end || !source.slice(start, at).trimStart().startsWith('#')) break
    at = start
  }
  return at
}

function holdsAnchors(step: YAMLMap): boolean {
  let holds = false
  visit(step, {
    Alias: () => {
      holds = true
    },
    Node: (_, node) => {
      if ('anchor' in node && node.anchor) holds = true
    },
  })
  return holds
}

/** The text of a scalar in a map, undefined if there is none. */
export function textOf(map: YAMLMap, key: string): string | undefined {
  const node = map.get(key, true)
  if (!isScalar(node) || node.value === null || node.value === undefined) return undefined
  return typeof node.value === 'string' ? node.value : String(node.source ?? node.value)
}

export function mapIn(map: YAMLMap, key: string): YAMLMap | undefined {
  const node = map.get(key, true)
  return isMap(node) ? node : undefined
}

function textMap(node: unknown): ReadonlyMap<string, string> {
  if (!isMap(node)) return new Map()
  return new Map(
    node.items.flatMap(({ key }) => {
      const name = isScalar(key) ? String(key.value) : ''
      const value = textOf(node, name)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

/** `a`, `[a, b]` and `{a: …, b: …}` name the same things. */
function namesIn(node: unknown): string[] {
  if (isScalar(node)) return node.value === null ? [] : [String(node.value)]
  if (isSeq(node)) return node.items.flatMap((item) => (isScalar(item) ? [String(item.value)] : []))
  if (isMap(node)) return node.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''))
  return []
}

function isNodeWithRange(node: unknown): node is Node & { range: [number, number, number] } {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && Boolean(node.range)
}
