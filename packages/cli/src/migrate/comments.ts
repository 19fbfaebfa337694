// What becomes of the comments of steps that go away: those at an input that moves go with it, and all others stand above
// the message of the step.
import { isScalar } from 'yaml'
import { spanOfPair } from './spans.ts'
import { keyOf, mapIn, type Step } from './workflow.ts'

/** Comments of a step that goes away, as lines with their `#`. */
export interface StepComments {
  /** Those above an input that moves, by the name that it has in the step. */
  above: ReadonlyMap<string, readonly string[]>
  /** All that no input takes along. */
  others: readonly string[]
}

/** @param moved the inputs of the step that move; what stands behind them on their lines moves with their values */
export function commentsOf(
  { node, comments }: Step,
  moved: ReadonlySet<string>,
  source: string,
): StepComments {
  const above = new Map<string, string[]>()
  const others: string[] = []
  const inputs = mapIn(node, 'with')
  let end = source.indexOf('\n', keyOf(node, 'with')?.range?.[1] ?? 0)
  const places = (inputs?.items ?? []).map((pair) => {
    const { from, to } = spanOfPair(source, pair)
    const place = { name: isScalar(pair.key) ? String(pair.key.value) : '', begin: end, from, to }
    end = to
    return place
  })
  for (const { at, text } of comments) {
    const place = places.find(({ begin, to }) => at >= begin && at < to)
    if (!place || !moved.has(place.name)) {
      if (!isVersion(text, at, node, source)) others.push(text)
    } else if (at < place.from) above.set(place.name, [...(above.get(place.name) ?? []), text])
  }
  return { above, others }
}

/** Behind `uses` stands the version of the Action that is replaced. */
function isVersion(text: string, at: number, node: Step['node'], source: string): boolean {
  const uses = node.get('uses', true)
  if (!isScalar(uses) || !uses.range || !/^#\s*v?\d[\w.-]*$/.test(text)) return false
  return at >= uses.range[0] && !source.slice(uses.range[0], at).includes('\n')
}

/** The lines of the comments directly above a step. */
export function commentsAboveStep(source: string, { commentsFrom, span }: Step): string[] {
  const text = source.slice(commentsFrom, span.from).trim()
  return text === '' ? [] : text.split(/\r?\n/).map((line) => line.trim())
}
