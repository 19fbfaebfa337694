import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

/** Limits of `POST …/dispatches`. */
const MAX_INPUTS = 25
/** On GitHub Enterprise Server up to 3.19. */
const MAX_OLD = 10

export const inputCount: Rule<Lintee> = {
  id: 'input-count',
  severity: 'error',
  summary: `A workflow has at most ${MAX_INPUTS} inputs`,
  *check({ sent, target }) {
    if (sent?.field === 'workflowInputs') {
      const count = sent.values.length
      const always = sent.values.filter(({ isAlwaysSent }) => isAlwaysSent).length
      if (count > MAX_OLD) {
        const isTooMany = always > MAX_INPUTS
        yield {
          path: sent.path,
          isKey: true,
          severity: isTooMany ? 'error' : count > MAX_INPUTS ? 'warning' : 'info',
          message:
            count > MAX_INPUTS
              ? `The action sends ${count} inputs; GitHub accepts at most ${MAX_INPUTS}`
              : `The action sends ${count} inputs; GitHub Enterprise Server up to 3.19 accepts at most ${MAX_OLD}`,
          advice: 'Send several values as one JSON object',
        }
      }
    }
    if (target?.type !== 'workflow') return
    const { inputs, inputsPath, file } = target.workflow
    if (inputs === undefined || inputs.size <= MAX_INPUTS) return
    yield {
      file,
      path: inputsPath,
      isKey: true,
      message: `The workflow declares ${inputs.size} inputs; GitHub accepts at most ${MAX_INPUTS}`,
      advice: 'Take several values as one JSON object',
    }
  },
}
