import { type Html, html } from './html.ts'

export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2f6feb"/><path d="M4 8h6M7 5l3 3-3 3" fill="none" stroke="#fff" stroke-width="1.6"/></svg>'

const STYLE = html`<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; }
  th { font-weight: 500; opacity: 0.7; white-space: nowrap; }
  pre { overflow-x: auto; padding: 0.75rem; border-radius: 0.4rem; background: #8881; }
  .status { padding: 0.1rem 0.5rem; border-radius: 1rem; background: #8883; white-space: nowrap; }
  .good { background: #1a7f3744; }
  .bad { background: #cf222e44; }
  nav, footer { opacity: 0.7; }
</style>`

const GOOD = ['success', 'SUCCESS']
const BAD = ['failure', 'failed', 'FAILURE', 'timed_out', 'startup_failure']

export function status(value: string): Html {
  const tone = GOOD.includes(value) ? 'good' : BAD.includes(value) ? 'bad' : ''
  return html`<span class="status ${tone}">${value}</span>`
}

/** Names and values as rows. Values that are not strings are shown as JSON. */
export function table(rows: Readonly<Record<string, unknown>>): Html {
  const entries = Object.entries(rows)
  if (entries.length === 0) return html`<p>None.</p>`
  const cells = entries.map(
    ([name, value]) =>
      html`<tr><th scope="row">${name}</th><td>${typeof value === 'string' ? value : JSON.stringify(value)}</td></tr>`,
  )
  return html`<table>${cells}</table>`
}

/** A complete page, which reloads every second while its content changes. */
export function page(
  title: string,
  body: Html,
  { refresh }: { refresh: 'while-it-changes' | 'never' },
): Response {
  const again = refresh === 'never' ? '' : html`<meta http-equiv="refresh" content="1">`
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="/favicon.svg">
${again}<title>${title}</title>
${STYLE}
</head>
<body>
<nav><a href="/">Sandbox</a></nav>
<h1>${title}</h1>
${body}
<footer><p>A local sandbox. Nothing here is real.</p></footer>
</body>
</html>
`.text
  return new Response(text, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'",
      'cache-control': 'no-store',
    },
  })
}
