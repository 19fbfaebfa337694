import { versionNote } from '../../template/compat/note.ts'
import { noOutput } from '../../template/evaluation.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const jqVersion: Rule<Lintee> = {
  id: 'jq-version',
  severity: 'warning',
  summary: "Expressions use what jq 1.6 has, on which Port's published binding is built",
  *check({ expressions }) {
    for (const { text, filter, start, inspection, rejection } of expressions.all) {
      if (rejection || !inspection) continue
      // What depends on the data is noted where there are data: by render and dispatch.
      const note = versionNote(inspection, noOutput, undefined)
      if (note === undefined) continue
      yield {
        path: text.path,
        ...(text.isKey && { isKey: true }),
        span: { index: start, length: filter.length },
        message: note,
        ...(inspection.crashes.includes('inputs') && {
          severity: 'error',
          advice: 'inputs is a function of jq. The user inputs are .inputs, with a dot',
        }),
      }
    }
  },
}
