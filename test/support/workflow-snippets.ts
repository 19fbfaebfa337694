import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'

/** A workflow in a page of the documentation. */
export interface Snippet {
  /** Where it begins: `docs/github-actions.md:5`. */
  name: string
  /** The whole workflow; a snippet of steps is put into a job. */
  text: string
}

/** The workflows, and the steps, that a Markdown page shows in YAML. Other YAML is passed over. */
export function workflowSnippets(path: string): Snippet[] {
  const markdown = readFileSync(path, 'utf8')
  return [...markdown.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(
    ({ 1: text = '', index }) => {
      const name = `${path}:${markdown.slice(0, index).split('\n').length}`
      const yaml: unknown = parse(text)
      if (Array.isArray(yaml)) return [{ name, text: inWorkflow(yaml) }]
      return typeof yaml === 'object' && yaml !== null && 'jobs' in yaml ? [{ name, text }] : []
    },
  )
}

function inWorkflow(steps: unknown[]): string {
  return stringify({
    on: {
      workflow_dispatch: {
        inputs: { port_run_id: { type: 'string' }, port_context: { type: 'string' } },
      },
    },
    jobs: { job: { 'runs-on': 'ubuntu-latest', steps } },
  })
}
