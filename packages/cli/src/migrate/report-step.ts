import { Document, isPair, isScalar, type Node, Scalar, type YAMLMap } from 'yaml'
import { commentsAboveStep, commentsOf } from './comments.ts'
import { byJobStatus } from './expressions.ts'
import { ACTION, CONNECTION_INPUTS, type PortStep, sameConnection } from './port-step.ts'
import { mapIn } from './workflow.ts'

/** The steps whose work a REPORT step takes over. */
export interface Folded {
  start?: PortStep
  success?: PortStep
  failure?: PortStep
  either?: PortStep
}

export interface ReportStepOptions extends Folded {
  source: string
  /** A step whose credentials, address and run id it takes. */
  model: PortStep
  /** What of them has to be written in another way. */
  texts?: Readonly<Record<string, string>>
  /** Further steps that go away. */
  gone?: readonly PortStep[]
  /** Ends the run only if the job fails. */
  endsOnFailureOnly?: boolean
  /** Reports for the jobs that this one needs. */
  reportsNeeds?: boolean
  /** White space before the dash. */
  indent: string
}

/** The text of the step, with its dash and its last line break, in lines that end with `\n`. */
export function writeReportStep(options: ReportStepOptions): string {
  const { model, start, success, failure, either, indent } = options
  const document = new Document<YAMLMap>()
  const inputs = document.createNode({})
  const moves: Move[] = []
  const put = (name: string, value: Node | string | undefined) => {
    if (value === undefined || value === '') return
    inputs.add(document.createPair(new Scalar(name), value))
  }
  const take = (name: string, port: PortStep | undefined, from = name) => {
    const value = inputOf(port, from)
    put(name, value)
    if (port && value) moves.push({ port, from, name })
  }
  // The first step is where people comment on them.
  const first = start && sameConnection(start, model) ? start : model
  for (const name of CONNECTION_INPUTS) put(name, options.texts?.[name] ?? inputOf(first, name))
  if (model.runId.type === 'expression' || model.runId.type === 'step') {
    put('runId', options.texts?.runId ?? model.runId.text)
  }
  for (const name of [...CONNECTION_INPUTS, 'runId']) moves.push({ port: first, from: name, name })
  take('startMessage', start, 'logMessage')
  take('successMessage', success, 'logMessage')
  take('failureMessage', failure, 'logMessage')
  take('logMessage', either, 'logMessage')
  for (const name of ['summary', 'link']) {
    const [one, other] = [success, failure].map((port) => port?.inputs.get(name))
    if (either) take(name, either)
    else if (one === other) take(name, success)
    else put(name, byJobStatus(one?.trimEnd(), other?.trimEnd()))
  }
  if (options.endsOnFailureOnly) put('reportWorkflowStatus', 'failure')
  if (options.reportsNeeds) put('needs', `\${{ toJSON(needs) }}`)
  const above = placeComments(inputs, moves, options)
  document.contents = document.createNode({ name: 'Report to Port', uses: ACTION, with: inputs })
  const lines = document
    .toString({ lineWidth: 0, indent: indentIn(model) })
    .trimEnd()
    .split('\n')
  return [
    ...above.map((comment) => `${indent}${comment}\n`),
    ...lines.map((line, index) => {
      if (index === 0) return `${indent}- ${line}\n`
      return line === '' ? '\n' : `${indent}  ${line}\n`
    }),
  ].join('')
}

/** An input of a step that goes on under a name of the REPORT step. */
interface Move {
  port: PortStep
  from: string
  name: string
}

/**
 * Puts the comments of steps that go away above the inputs to which they belong now.
 *
 * @returns those that belong to no input, once each
 */
function placeComments(
  inputs: YAMLMap,
  moves: readonly Move[],
  { source, start, success, failure, either, gone = [] }: ReportStepOptions,
): string[] {
  const messages = new Map([
    [start, 'startMessage'],
    [success, 'successMessage'],
    [failure, 'failureMessage'],
    [either, 'logMessage'],
  ])
  const placed = new Set<string>()
  const above: string[] = []
  const place = (name: string | undefined, comments: readonly string[]) => {
    const pair = inputs.items.find(({ key }) => isScalar(key) && key.value === name)
    for (const comment of comments) {
      if (placed.has(comment)) continue
      placed.add(comment)
      if (!isScalar(pair?.key)) above.push(comment)
      else {
        const before = pair.key.commentBefore
        pair.key.commentBefore = [...(before ? [before] : []), comment.slice(1)].join('\n')
      }
    }
  }
  const ports = [start, success, failure, either, ...gone].filter((port) => port !== undefined)
  for (const port of new Set(ports)) {
    const own = moves.filter((move) => move.port === port)
    const moved = new Set(own.map(({ from }) => from))
    const comments = commentsOf(port.step, moved, source)
    // Those above the first message move with its place.
    if (port !== start) place(messages.get(port), commentsAboveStep(source, port.step))
    place(messages.get(port), comments.others)
    for (const { from, name } of own) place(name, comments.above.get(from) ?? [])
  }
  return above
}

/** How much the inputs of a step are indented. */
function indentIn({ step }: PortStep): number {
  const inputs = mapIn(step.node, 'with')
  const columns = [step.node, inputs].map((map) => {
    const token = map?.srcToken
    return token && 'indent' in token ? token.indent : undefined
  })
  const [outer, inner] = columns
  if (outer === undefined || inner === undefined || inputs?.flow || inner <= outer) return 2
  return inner - outer
}

/** An input as it is written: with its quotes, its block style and its comment. */
function inputOf(port: PortStep | undefined, name: string): Scalar | undefined {
  const node = port && mapIn(port.step.node, 'with')?.get(name, true)
  if (!isScalar(node) || isPair(node)) return undefined
  const copy = node.clone() as Scalar
  delete copy.anchor
  return copy
}
