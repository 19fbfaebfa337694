import type { SandboxState } from '../state.ts'
import { type Html, html, link } from './html.ts'
import { page, status } from './layout.ts'
import { portRunPath } from './port-page.ts'

/** What the sandbox serves and what has happened in it. */
export function indexPage(
  state: SandboxState,
  repositories: readonly string[],
  projects: readonly string[],
): Response {
  const runs = state
    .portRuns()
    .map(
      (run) =>
        html`<tr><td>${link(portRunPath(run.id), run.id)}</td><td>${run.action.identifier}</td><td>${status(run.status)} ${run.statusLabel ?? ''}</td></tr>`,
    )
  const body = html`<h2>Port</h2><table>${runs}</table>
<h2>Webhooks</h2><p><a href="/webhooks">What arrived at /webhooks/…</a></p>
${ciRuns(state, repositories, projects)}`
  return page('Sandbox of Port, GitHub and GitLab', body, { refresh: 'never' })
}

/** A repository, a project, or an owner or group with those that belong to it. */
export function placePage(
  name: string,
  state: SandboxState,
  repositories: readonly string[],
  projects: readonly string[],
): Response {
  return page(name, ciRuns(state, repositories, projects), { refresh: 'never' })
}

/** The root of an API, for a person who opens it in a browser. */
export function apiPage(path: string): Response {
  const body = html`<p>Requests go to the paths below <code>${path}</code>.</p>`
  return page(`The API of ${API_ROOTS[path]}`, body, { refresh: 'never' })
}

/** The roots of the APIs that are served. */
export const API_ROOTS: Readonly<Record<string, string>> = {
  '/v1': 'Port',
  '/api/v3': 'GitHub',
  '/api/v4': 'GitLab',
}

function ciRuns(
  state: SandboxState,
  repositories: readonly string[],
  projects: readonly string[],
): Html {
  const workflowRuns = repositories.map(
    (name) =>
      html`<h3>${link(`/${name}`, name)}</h3><table>${state
        .githubRuns(name)
        .reverse()
        .map(
          (run) =>
            html`<tr><td>${link(run.url, String(run.id))}</td><td>${run.title}</td><td>${status(run.conclusion ?? run.status)}</td></tr>`,
        )}</table>`,
  )
  const pipelines = projects.map(
    (path) =>
      html`<h3>${link(`/${path}`, path)}</h3><table>${state
        .gitlabPipelines(path)
        .reverse()
        .map(
          (pipeline) =>
            html`<tr><td>${link(pipeline.url, String(pipeline.id))}</td><td>${pipeline.ref}</td><td>${status(pipeline.status)}</td></tr>`,
        )}</table>`,
  )
  return html`${repositories.length > 0 ? html`<h2>GitHub</h2>${workflowRuns}` : ''}
${projects.length > 0 ? html`<h2>GitLab</h2>${pipelines}` : ''}`
}
