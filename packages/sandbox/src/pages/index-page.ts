import type { SandboxState } from '../state.ts'
import { html, link } from './html.ts'
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
  const workflowRuns = repositories.map(
    (name) =>
      html`<h3>${name}</h3><table>${state
        .githubRuns(name)
        .reverse()
        .map(
          (run) =>
            html`<tr><td>${link(run.url, String(run.id))}</td><td>${run.title}</td><td>${status(run.conclusion ?? run.status)}</td></tr>`,
        )}</table>`,
  )
  const pipelines = projects.map(
    (path) =>
      html`<h3>${path}</h3><table>${state
        .gitlabPipelines(path)
        .reverse()
        .map(
          (pipeline) =>
            html`<tr><td>${link(pipeline.url, String(pipeline.id))}</td><td>${pipeline.ref}</td><td>${status(pipeline.status)}</td></tr>`,
        )}</table>`,
  )
  const body = html`<h2>Port</h2><table>${runs}</table>
<h2>Webhooks</h2><p><a href="/webhooks">What arrived at /webhooks/…</a></p>
<h2>GitHub</h2>${workflowRuns}
<h2>GitLab</h2>${pipelines}`
  return page('Sandbox of Port, GitHub and GitLab', body, { refresh: 'never' })
}
