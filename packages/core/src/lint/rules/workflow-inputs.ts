import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { methodFields, type SentValues } from '../sent-values.ts'
import { suggest } from '../suggest.ts'
import type { WorkflowInput } from '../workflow/workflow.ts'

/** Limits of `POST …/dispatches`. */
const MAX_INPUTS = 25
/** On GitHub Enterprise Server up to 3.19. */
const MAX_OLD = 10

export const undeclaredInput: Rule<Lintee> = {
  id: 'undeclared-input',
  severity: 'error',
  summary: 'The workflow declares every input that the action sends',
  *check(lintee) {
    for (const { sent, declared, file } of paired(lintee)) {
      const names = new Set(sent.values.map(({ name }) => name))
      const missing = [...declared.keys()].filter((name) => !names.has(name))
      for (const { name, path } of sent.values) {
        if (declared.has(name)) continue
        const meant = suggest(name, missing)
        yield {
          path,
          isKey: true,
          message: `GitHub refuses the input ${name}: ${file} does not declare it`,
          advice:
            meant === undefined
              ? `Add ${name} to on.workflow_dispatch.inputs, or remove it here`
              : `Did you mean ${meant}?`,
        }
      }
    }
  },
}

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

export const refInput: Rule<Lintee> = {
  id: 'ref-input',
  severity: 'warning',
  summary: 'The workflow has no input named ref, because GITHUB takes it for the branch',
  *check({ subject, target }) {
    if (subject.methodType !== 'GITHUB' || target?.type !== 'workflow') return
    const input = target.workflow.inputs?.get('ref')
    if (!input) return
    const isNeeded = input.isRequired && !input.hasDefault
    yield {
      file: target.workflow.file,
      path: input.path,
      isKey: true,
      ...(isNeeded && { severity: 'error' }),
      message: `The input ref of the workflow never gets a value: in workflowInputs, Port takes ref for the branch or tag to run${isNeeded ? ', and GitHub refuses to start a workflow without a required input' : ''}`,
      advice: 'Give the input another name, such as branch',
    }
  },
}

interface Pair {
  sent: SentValues
  declared: ReadonlyMap<string, WorkflowInput>
  file: string
}

/** What is sent and what is declared, where both are known. */
export function* paired({ subject, sent, target }: Lintee): Generator<Pair> {
  if (sent?.field !== 'workflowInputs' || target?.type !== 'workflow') return
  const { inputs: declared, file } = target.workflow
  if (declared === undefined) return
  const { workflowInputs } = methodFields(subject)
  // Something that is not an object is reported as such.
  if (workflowInputs !== undefined && typeof workflowInputs !== 'object') return
  yield { sent, declared, file: file.split('/').at(-1) ?? file }
}
