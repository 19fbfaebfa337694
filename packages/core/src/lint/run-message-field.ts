import { isJsonObject, type Json } from '../json.ts'
import type { Path } from './finding.ts'
import type { Subject } from './subject.ts'

/**
 * Whether a template is the field `entity` of a run message, as Port itself writes it into every action that it converts:
 * there it is null by design where there is no entity.
 */
export function isRunMessageField({ action, path, methodPath }: Subject, at: Path): boolean {
  if (at.at(-1) !== 'entity') return false
  const root: Json =
    methodPath.length === path.length
      ? action
      : { invocationMethod: action.invocationMethod ?? null }
  const siblings = at.slice(path.length, -1).reduce<Json | undefined>((value, segment) => {
    if (Array.isArray(value)) return typeof segment === 'number' ? value[segment] : undefined
    return isJsonObject(value) ? value[String(segment)] : undefined
  }, root)
  if (!isJsonObject(siblings)) return false
  return ['runId', 'blueprint', 'properties', 'action'].some((key) => key in siblings)
}
