import { suggest } from '../../text/suggest.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import { paired } from '../paired.ts'

export const undeclaredInput: Rule<Lintee> = {
  id: 'undeclared-input',
  severity: 'error',
  summary: 'The workflow declares every input that the action sends',
  *check(lintee) {
    for (const { sent, declared, file } of paired(lintee)) {
      const names = new Set(sent.values.map(({ name }) => name))
      const missing = [...declared.keys()].filter((name) => !names.has(name))
      for (const { name, path } of sent.values) {
        if (declared.has(name)) continue
        const meant = suggest(name, missing)
        yield {
          path,
          isKey: true,
          message: `GitHub refuses the input ${name}: ${file} does not declare it`,
          advice:
            meant === undefined
              ? `Add ${name} to on.workflow_dispatch.inputs, or remove it here`
              : `Did you mean ${meant}?`,
        }
      }
    }
  },
}
