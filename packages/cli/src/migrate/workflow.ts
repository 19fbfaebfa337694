import { InputError } from '@port-dispatch/core'
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import {
  type Comment,
  columnOf,
  commentsAbove,
  commentsIn,
  endOf,
  isNodeWithRange,
  linesOf,
  type Span,
  withCommentsBelow,
} from './spans.ts'

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
  /** In the order of the text, without what stands above it. */
  comments: Comment[]
}

export interface Job {
  id: string
  node: YAMLMap
  /** White space before its id; undefined if it does not begin a line. */
  indent: string | undefined
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
  resolveAliases(document)
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
    const job = jobOf({ id: 'the action', indent: undefined }, runs, source)
    return { ...rest, kind: 'composite', jobs: [job], events: [], inputs: [] }
  }
  return undefined
}

/** What an alias stands for takes its place in the document, though it is written, and edited, elsewhere. */
function resolveAliases(document: Document.Parsed): void {
  const replacements: (() => void)[] = []
  visit(document, {
    Alias: (key, alias, ancestors) => {
      const node = alias.resolve(document)
      const parent = ancestors.at(-1)
      if (node === undefined || ancestors.includes(node)) return
      if (isPair(parent) && key === 'value') replacements.push(() => (parent.value = node))
      if (isSeq(parent) && typeof key === 'number') {
        replacements.push(() => (parent.items[key] = node))
      }
    },
  })
  // Not before, or else the visitor would walk through all that they stand for.
  for (const replace of replacements) replace()
}

function readJob({ key, value }: Pair, source: string): Job[] {
  if (!isMap(value)) return []
  const id = isScalar(key) ? String(key.value) : ''
  const at = isNodeWithRange(key) ? key.range[0] : 0
  const before = source.slice(source.lastIndexOf('\n', at - 1) + 1, at)
  return [jobOf({ id, indent: before.trim() === '' ? before : undefined }, value, source)]
}

function jobOf(place: Pick<Job, 'id' | 'indent'>, node: YAMLMap, source: string): Job {
  const condition = textOf(node, 'if')
  const steps = node.get('steps', true)
  const isShared = Boolean(node.anchor)
  return {
    ...place,
    node,
    steps: isSeq(steps) ? readSteps(steps, source, isShared || Boolean(steps.anchor)) : [],
    needs: namesIn(node.get('needs', true)),
    ...(condition !== undefined && { condition }),
    env: textMap(node.get('env', true)),
    hasMatrix: node.hasIn(['strategy', 'matrix']),
  }
}

function readSteps(steps: YAMLSeq, source: string, isShared: boolean): Step[] {
  const result: Step[] = []
  const token = steps.srcToken
  let end = 0
  steps.items.forEach((node, index) => {
    const item = token?.type === 'block-seq' ? token.items[index] : undefined
    const dash = item?.start.find(({ type }) => type === 'seq-item-ind')?.offset
    if (!isMap(node)) {
      if (isNodeWithRange(node)) end = node.range[1]
      return
    }
    const span = spanOf(node, dash, source)
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
      isMovable: !isShared && !steps.flow && !node.flow && !holdsAnchors(node),
      comments: commentsIn(steps.srcToken).filter(({ at }) => at >= span.from && at < span.to),
    })
    end = span.to
  })
  return result
}

function spanOf(node: YAMLMap, dash: number | undefined, source: string): Span {
  const from = dash ?? node.range?.[0] ?? 0
  // What an alias stands for is written before it.
  const span = linesOf(source, { from, to: Math.max(endOf(node), from) })
  return { ...span, to: withCommentsBelow(source, span.to, columnOf(source, from)) }
}

export function holdsAnchors(part: Node): boolean {
  let holds = false
  visit(part, {
    Node: (_, node) => {
      holds ||= Boolean('anchor' in node && node.anchor)
      return holds ? visit.BREAK : undefined
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

export function keyOf(map: YAMLMap, name: string): Scalar | undefined {
  const key = map.items.find((pair) => isScalar(pair.key) && pair.key.value === name)?.key
  return isScalar(key) ? key : undefined
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
