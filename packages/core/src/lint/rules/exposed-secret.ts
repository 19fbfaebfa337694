import type { Path, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { startedBy } from '../sent-values.ts'
import type { Subject } from '../subject.ts'

export const exposedSecret: Rule<Lintee> = {
  id: 'exposed-secret',
  severity: 'warning',
  summary: 'No secret is sent to where it is shown or logged',
  *check({ subject, expressions }) {
    for (const { scope, text, uses, start } of expressions.all) {
      if (scope !== 'template') continue
      const use = uses.find(({ segments }) => segments[0] === 'secrets')
      const place = use && placeOf(subject, text.path)
      if (!use || !place) continue
      yield {
        path: text.path,
        span: { index: start + use.start, length: use.end - use.start },
        message: `A secret is sent ${place.where}`,
        advice: place.advice,
      }
    }
  },
}

function placeOf(subject: Subject, path: Path): { where: string; advice: string } | undefined {
  const [field, below] = path.slice(subject.methodPath.length)
  const name = field === 'integrationActionExecutionProperties' ? below : field
  const started = startedBy(subject)
  if (started === 'workflow' && name === 'workflowInputs') {
    return {
      where: 'as an input of the workflow, which everybody can read who can read the repository',
      advice: `Keep it as a secret of the repository, and use \${{ secrets.… }} in the workflow`,
    }
  }
  if (started === 'pipeline' && name === 'pipelineVariables') {
    return {
      where: 'as a variable of the pipeline, which GitLab shows and does not mask in logs',
      advice: 'Keep it as a masked CI/CD variable of the project',
    }
  }
  if (name === 'url' && ['WEBHOOK', 'JENKINS', 'SLACK'].includes(subject.methodType ?? '')) {
    // The address of a webhook of Slack is the secret; so is one that is a secret as a whole.
    if (subject.methodType === 'SLACK') return undefined
    const { url } = subject.method ?? {}
    if (typeof url === 'string' && /^\s*\{\{/.test(url) && !url.includes('?')) return undefined
    if (typeof url === 'string' && /^(?:https?:\/\/)\{\{/.test(url) && !url.includes('?'))
      return undefined
    return {
      where: 'in an address, which proxies and servers write to their logs',
      advice: 'Send it in a header',
    }
  }
  if (subject.methodType === 'UPSERT_ENTITY' && name === 'mapping') {
    return {
      where: 'to the catalog, where everybody can read it who can read the entity',
      advice: 'Store a reference to the secret instead',
    }
  }
  return undefined
}
