import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { paired } from '../paired.ts'
import type { SentValues } from '../sent-values.ts'

export const requiredInput: Rule<Lintee> = {
  id: 'required-input',
  severity: 'error',
  summary: 'The action sends every input that the workflow requires',
  *check(lintee) {
    for (const { sent, declared, file } of paired(lintee)) {
      for (const { name, isRequired, hasDefault } of declared.values()) {
        if (!isRequired || hasDefault || (name === 'ref' && lintee.subject.methodType === 'GITHUB'))
          continue
        const value = sent.values.find((each) => each.name === name)
        if (value?.isAlwaysSent || (!value && sent.isOpen)) continue
        yield* value
          ? [sometimesMissing(value, file)]
          : [
              {
                path: sent.path,
                isKey: true as const,
                message: `GitHub refuses to start ${file} without its required input ${name}, which the action does not send`,
                advice: `Add ${JSON.stringify(name)} to workflowInputs, or give it a default in the workflow`,
              },
            ]
      }
    }
  },
}

function sometimesMissing(
  { name, path, value }: SentValues['values'][number],
  file: string,
): Draft {
  const isFilled = value.type === 'input' && value.input.isAlwaysSet
  return {
    path,
    isKey: true,
    severity: isFilled ? 'info' : 'warning',
    message: `${file} requires the input ${name}, which is sent only if it was entered`,
    advice: `Make the user input required, or give ${name} a default in the workflow`,
  }
}
