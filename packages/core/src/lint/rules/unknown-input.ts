import { suggest } from '../../text/suggest.ts'
import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { inputReads, textsIn } from '../workflow/expressions.ts'
import type { Workflow } from '../workflow/workflow.ts'

export const unknownInput: Rule<Lintee> = {
  id: 'unknown-input',
  severity: 'warning',
  summary: 'The workflow or pipeline reads inputs that it declares',
  *check({ target }) {
    if (target?.type === 'workflow') yield* inWorkflow(target.workflow)
    if (target?.type === 'pipeline') yield* inPipeline(target.pipeline)
  },
}

function* inWorkflow({ expressions, inputs, readable, file }: Workflow): Generator<Draft> {
  if (inputs === undefined) return
  for (const expression of expressions) {
    for (const { name, index, length } of inputReads(expression)) {
      if (readable.has(name.toLowerCase())) continue
      const written = expression.plain.slice(index, index + length)
      const meant = suggest(name, inputs.keys())
      yield {
        file,
        path: expression.path,
        span: { index: expression.start + index, length },
        message: `${written} is always empty: the workflow declares no input ${name}`,
        advice:
          meant === undefined
            ? `Declare it in on.workflow_dispatch.inputs`
            : `Did you mean ${written.slice(0, -name.length)}${meant}?`,
      }
    }
  }
}

const INTERPOLATION = /\$\[\[\s*inputs\.([\w-]+)[^\]]*\]\]/g

function* inPipeline({ own, inputs, hasHeader, file }: Pipeline): Generator<Draft> {
  for (const { path, text } of textsIn(own)) {
    for (const match of text.matchAll(INTERPOLATION)) {
      const [written, name = ''] = match
      if (inputs.some((input) => input.name === name)) continue
      const meant = suggest(
        name,
        inputs.map((input) => input.name),
      )
      yield {
        file,
        path,
        span: { index: match.index, length: written.length },
        ...(hasHeader && { severity: 'error' }),
        message: hasHeader
          ? `GitLab refuses the pipeline: it declares no input ${name}`
          : `${written} is not replaced: the file has no spec:inputs`,
        advice:
          meant === undefined
            ? `Declare ${name} in spec:inputs, with a default, or take a variable that the action sends: $${name.toUpperCase().replaceAll('-', '_')}`
            : `Did you mean $[[ inputs.${meant} ]]?`,
      }
    }
  }
}
