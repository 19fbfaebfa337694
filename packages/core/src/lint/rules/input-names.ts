import { isJsonObject, type Json } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Draft, Path, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const inputNames: Rule<Lintee> = {
  id: 'input-names',
  severity: 'error',
  summary: 'required, order, steps, titles and dependsOn of a form name inputs that it has',
  *check({ subject }) {
    const { userInputs, userInputsPath: base, inputs } = subject
    if (!userInputs || !inputs) return
    const titles = isJsonObject(userInputs.titles) ? Object.keys(userInputs.titles) : []
    const known = new Set(inputs.keys())
    const { required, order, steps } = userInputs
    if (
      required !== undefined &&
      required !== null &&
      !Array.isArray(required) &&
      !isJsonObject(required)
    ) {
      yield {
        path: [...base, 'required'],
        message: `required is ${JSON.stringify(required)}, but must be a list of names`,
        ...(typeof required === 'string' && { advice: `Write [${JSON.stringify(required)}]` }),
      }
    }
    yield* names(required, [...base, 'required'], known, {
      noun: 'required',
      consequence: ', so that the action cannot be run',
    })
    yield* names(order, [...base, 'order'], new Set([...known, ...titles]), {
      noun: 'order',
      severity: 'warning',
    })
    if (Array.isArray(steps)) {
      for (const [index, step] of steps.entries()) {
        if (!isJsonObject(step)) continue
        const path = [...base, 'steps', index, 'order']
        yield* names(step.order, path, new Set([...known, ...titles]), {
          noun: 'A step',
          severity: 'warning',
        })
      }
    }
    for (const { name, path, definition } of inputs.values()) {
      const at = [...path, 'dependsOn']
      yield* names(definition.dependsOn, at, known, { noun: 'dependsOn', severity: 'warning' })
      if (Array.isArray(definition.dependsOn) && definition.dependsOn.includes(name)) {
        yield { path: at, severity: 'warning', message: `The user input ${name} depends on itself` }
      }
    }
  },
}

interface About {
  noun: string
  severity?: 'warning'
  consequence?: string
}

function* names(
  list: Json | undefined,
  path: Path,
  known: ReadonlySet<string>,
  { noun, severity, consequence = '' }: About,
): Generator<Draft> {
  if (!Array.isArray(list)) return
  for (const [index, name] of list.entries()) {
    if (typeof name !== 'string' || known.has(name)) continue
    const meant = suggest(name, known)
    yield {
      path: [...path, index],
      ...(severity && { severity }),
      message: `${noun} names ${JSON.stringify(name)}, which is not a user input of the action${consequence}`,
      ...(meant !== undefined && { advice: `Did you mean ${JSON.stringify(meant)}?` }),
    }
  }
}
