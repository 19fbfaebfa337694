// Rendering of payload templates, beside jq-wasm called once per expression and Port's native binding.
import { type Jq, loadJq } from 'jq-wasm'
import type { Json } from '../../packages/core/src/json.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  renderMany,
  renderTemplate,
} from '../../packages/core/src/template/index.ts'
import { measure } from './measure.ts'
import { measureNative } from './native-peer.ts'
import { type Row, rows } from './rows.ts'

export async function run(): Promise<void> {
  console.log('\nPayload templates: milliseconds per payload, and our time in parts of a peer’s')
  const native = measureNative(rows)
  const jq = await loadJq()
  const table: Record<string, Record<string, string>> = {}
  for (const [i, row] of rows.entries()) {
    const payloads = row.contexts.length
    const compiled = compileTemplate(row.template)
    const other = row.other === undefined ? compiled : compileTemplate(row.other)
    let current = compiled
    const ours =
      (await measure(() => {
        current = current === compiled ? other : compiled
        return render(current, row.contexts)
      })) / payloads
    const perCall = await measurePerCall(jq, compiled, row)
    const theirs = native?.[i]
    table[row.name] = {
      'port-dispatch': ours.toFixed(4),
      'jq-wasm': perCall.toFixed(4),
      native: theirs === undefined ? '' : (theirs / payloads).toFixed(4),
      'to jq-wasm': compare(ours, perCall, row.goals.perCall),
      'to native': theirs === undefined ? '' : compare(ours, theirs / payloads, row.goals.native),
    }
  }
  console.table(table)
}

function render(compiled: CompiledTemplate, contexts: readonly Json[]): Promise<unknown> {
  const [context = null] = contexts
  return contexts.length === 1 ? renderTemplate(compiled, context) : renderMany(compiled, contexts)
}

/** One payload is enough, as it takes the same time for each. */
function measurePerCall(jq: Jq, { expressions }: CompiledTemplate, row: Row): Promise<number> {
  const [context = null] = row.contexts
  return measure(() => {
    const text = JSON.stringify(context)
    return expressions.map(({ filter }) => jq.first(text, `def env: {}; {} as $ENV | ${filter}`))
  })
}

function compare(ours: number, theirs: number, goal: number | undefined): string {
  const ratio = ours < theirs ? `1/${(theirs / ours).toFixed(1)}` : `${(ours / theirs).toFixed(1)}`
  if (goal === undefined) return ratio
  const wanted = goal < 1 ? `1/${1 / goal}` : String(goal)
  return `${ratio} (goal ${wanted}: ${ours / theirs <= goal ? 'met' : 'missed'})`
}
