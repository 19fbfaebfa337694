import { Document, isPair, isScalar, type Node, Scalar, type YAMLMap } from 'yaml'
import { byJobStatus } from './expressions.ts'
import { ACTION, type PortStep } from './port-step.ts'
import { mapIn } from './workflow.ts'

/** The steps whose work a REPORT step takes over. */
export interface Folded {
  start?: PortStep
  success?: PortStep
  failure?: PortStep
  either?: PortStep
}

export interface ReportStepOptions extends Folded {
  /** A step whose credentials, address and run id it takes. */
  model: PortStep
  /** Ends the run only if the job fails. */
  endsOnFailureOnly?: boolean
  /** Reports for the jobs that this one needs. */
  reportsNeeds?: boolean
  /** White space before the dash. */
  indent: string
  /** Comments of the steps that it replaces, by the input that they belong to now. */
  comments?: Readonly<Record<string, string>>
}

/** The text of the step, with its dash and its last line break, in lines that end with `\n`. */
export function writeReportStep(options: ReportStepOptions): string {
  const { model, start, success, failure, either, indent } = options
  const document = new Document<YAMLMap>()
  const inputs = document.createNode({})
  const put = (name: string, value: Node | string | undefined) => {
    if (value === undefined || value === '') return
    const key = new Scalar(name)
    const comment = options.comments?.[name]
    if (comment) key.commentBefore = comment
    inputs.add(document.createPair(key, value))
  }
  for (const name of ['clientId', 'clientSecret', 'baseUrl']) put(name, inputOf(model, name))
  if (model.runId.type === 'expression' || model.runId.type === 'step') {
    put('runId', inputOf(model, 'runId') && model.runId.text)
  }
  put('startMessage', inputOf(start, 'logMessage'))
  put('successMessage', inputOf(success, 'logMessage'))
  put('failureMessage', inputOf(failure, 'logMessage'))
  put('logMessage', inputOf(either, 'logMessage'))
  for (const name of ['summary', 'link']) {
    if (either) put(name, inputOf(either, name))
    else put(name, endValue(name, success, failure))
  }
  if (options.endsOnFailureOnly) put('reportWorkflowStatus', 'failure')
  if (options.reportsNeeds) put('needs', `\${{ toJSON(needs) }}`)
  document.contents = document.createNode({ name: 'Report to Port', uses: ACTION, with: inputs })
  const text = document.toString({ lineWidth: 0 })
  return text
    .trimEnd()
    .split('\n')
    .map((line, index) => (index === 0 ? `${indent}- ${line}` : line && `${indent}  ${line}`))
    .join('\n')
    .concat('\n')
}

function endValue(
  name: string,
  success: PortStep | undefined,
  failure: PortStep | undefined,
): Node | string | undefined {
  const [one, other] = [success?.inputs.get(name), failure?.inputs.get(name)]
  if (one === undefined && other === undefined) return undefined
  if (one === other) return inputOf(success, name)
  return byJobStatus(one?.trimEnd(), other?.trimEnd())
}

/** An input as it is written: with its quotes, its block style and its comment. */
function inputOf(port: PortStep | undefined, name: string): Scalar | undefined {
  const node = port && mapIn(port.step.node, 'with')?.get(name, true)
  if (!isScalar(node) || isPair(node)) return undefined
  return node.clone() as Scalar
}
