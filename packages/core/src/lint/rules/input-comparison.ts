import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { type InputRead, inputReads, type WorkflowExpression } from '../workflow/expressions.ts'
import type { WorkflowInput } from '../workflow/workflow.ts'

export const inputComparison: Rule<Lintee> = {
  id: 'input-comparison',
  severity: 'warning',
  summary: 'Conditions of the workflow compare its inputs with values that they can have',
  *check({ target }) {
    if (target?.type !== 'workflow') return
    const { expressions, inputs, file, events } = target.workflow
    // A reusable workflow can get other types.
    if (inputs === undefined || events.includes('workflow_call')) return
    const byName = new Map([...inputs.values()].map((input) => [input.name.toLowerCase(), input]))
    for (const expression of expressions) {
      for (const read of inputReads(expression)) {
        const input = byName.get(read.name.toLowerCase())
        const found = input && judge(input, read, expression)
        if (!found) continue
        const { path, start } = expression
        const { index, length } = read
        yield { file, path, span: { index: start + index, length }, ...found }
      }
    }
  },
}

function judge(
  input: WorkflowInput,
  { isOfEvent, index, length }: InputRead,
  { text, plain, isCondition }: WorkflowExpression,
): Pick<Draft, 'message' | 'advice'> | undefined {
  const written = text.slice(index, index + length)
  const before = plain.slice(0, index).trimEnd()
  const after = text.slice(index + length)
  const compared = /^\s*([!=]=)\s*(?:'((?:[^']|'')*)'|(true|false)\b)/.exec(after)
  if (compared) {
    const [, sign, string, literal] = compared
    const result = `The comparison is always ${sign === '==' ? 'false' : 'true'}`
    if (input.type === 'boolean' && isOfEvent && literal !== undefined) {
      return {
        message: `${result}: ${written} is text, and not a boolean`,
        advice: `Use inputs.${input.name}, or compare with '${literal}'`,
      }
    }
    if (input.type === 'boolean' && !isOfEvent && /^(?:true|false)$/i.test(string ?? '')) {
      return {
        message: `${result}: ${written} is a boolean, and not text`,
        advice: `Compare with ${string?.toLowerCase()}, without quotes`,
      }
    }
    const isOption = (value: string) =>
      input.options.some((option) => option.toLowerCase() === value.toLowerCase())
    if (input.type === 'choice' && input.options.length > 0 && string && !isOption(string)) {
      return {
        message: `${result}: ${string} is not an option of ${input.name}`,
        advice: `Its options are ${input.options.join(', ')}`,
      }
    }
    return undefined
  }
  if (input.type !== 'boolean' || !isOfEvent) return undefined
  const isNegated = before.endsWith('!')
  const isOperand = /(?:^|&&|\|\||\()$/.test(before) && /^\s*(?:$|&&|\|\||\))/.test(after)
  if (!isNegated && !(isOperand && (isCondition || /^\s*&&/.test(after)))) return undefined
  return {
    message: `The condition is always ${isNegated ? 'false' : 'true'}: ${written} is text, and the text 'false' is true in a condition`,
    advice: `Use inputs.${input.name}, which is a boolean`,
  }
}
