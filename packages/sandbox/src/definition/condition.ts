import type { Condition } from './definition.ts'

/** Whether every named value matches the condition. Values are compared as text. */
export function holds(
  condition: Condition | undefined,
  values: Readonly<Record<string, unknown>>,
): boolean {
  return Object.entries(condition ?? {}).every(([name, wanted]) =>
    [wanted].flat().some((value) => String(value) === String(values[name])),
  )
}
