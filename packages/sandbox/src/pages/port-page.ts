import type { PortRun } from '../port/run-store.ts'
import { html, link } from './html.ts'
import { page, status, table } from './layout.ts'

/** The address of the page of a run, as in Port's user interface. */
export function portRunPath(id: string): string {
  return `/organization/run?runId=${encodeURIComponent(id)}`
}

export function portRunPage(run: Readonly<PortRun>): Response {
  const links = [run.link ?? []].flat().map((address) => html`<li>${link(address)}</li>`)
  const logs = run.logs
    .map(({ createdAt, message }) => `${new Date(createdAt).toISOString()}  ${message}`)
    .join('\n')
  const body = html`<p>${status(run.status)} ${run.statusLabel ?? ''}</p>
${table({
  Action: run.action.identifier,
  Run: run.id,
  ...(run.entity !== undefined && { Entity: run.entity }),
  ...(run.externalRunId !== undefined && { 'External run ID': run.externalRunId }),
  ...(run.summary !== undefined && { Summary: run.summary }),
})}
<h2>Links</h2><ul>${links}</ul>
<h2>Inputs</h2>${table(run.properties)}
<h2>Log</h2><pre>${logs}</pre>`
  return page(run.action.title ?? run.action.identifier, body, {
    refresh: run.endedAt === undefined ? 'while-it-changes' : 'never',
  })
}
