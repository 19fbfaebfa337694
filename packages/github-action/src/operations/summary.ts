import { summary } from '@actions/core'
import { isJsonObject } from '@port-dispatch/core'
import type { Redactor } from '@port-dispatch/core/text'
import type { DispatchResult } from '@port-dispatch/dispatcher'

const MAX_VALUE = 200

/** Adds to the summary of the job what was sent, and where it runs. */
export async function writeSummary(
  { plan, state, outcome }: DispatchResult,
  redactor: Redactor,
): Promise<void> {
  const values = Object.values(plan.preview)
    .filter(isJsonObject)
    .flatMap((value) => Object.entries(value))
  summary.addHeading(
    escapeHtml(plan.ref === undefined ? plan.target : `${plan.target} on ${plan.ref}`),
    3,
  )
  summary.addRaw(
    `<p><a href="${escapeHtml(state?.url ?? plan.page ?? '')}">${escapeHtml(outcome?.statusLabel ?? 'Started')}</a></p>`,
    true,
  )
  if (values.length > 0) {
    summary.addTable([
      [
        { data: 'Name', header: true },
        { data: 'Value', header: true },
      ],
      ...values.map(([name, value]) => [
        escapeHtml(name),
        `<code>${escapeHtml(cut(redactor(String(value))))}</code>`,
      ]),
    ])
  }
  await summary.write()
}

function cut(value: string): string {
  return value.length <= MAX_VALUE ? value : `${value.slice(0, MAX_VALUE).toWellFormed()}…`
}

/** The summary is Markdown with HTML in it; what people typed is neither. */
function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"'`|*_[\]\\]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/\r?\n/g, ' ')
}
