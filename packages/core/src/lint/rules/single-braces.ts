import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

/** A path of trigger data in one pair of braces, or in the form of another system. */
const LOOKS_LIKE_A_TEMPLATE =
  /(?<![{$])\{\s*\.(?:inputs|trigger|event|entity|action|run|secrets)\b[^{}]*\}(?!\})|\$\{\s*\.?(?:inputs|trigger|event|entity|secrets)\.[^{}]*\}(?!\})/

export const singleBraces: Rule<Lintee> = {
  id: 'single-braces',
  severity: 'warning',
  summary: 'Templates have two braces on each side',
  *check({ expressions }) {
    for (const { path, isKey, value, expressions: own, mistake } of expressions.texts) {
      if (own.length > 0 || mistake) continue
      const match = LOOKS_LIKE_A_TEMPLATE.exec(value)
      if (!match) continue
      const [text] = match
      yield {
        path,
        ...(isKey && { isKey: true }),
        span: { index: match.index, length: text.length },
        message: `${text} is sent as it is written: it is not a template`,
        advice: `Write {{ ${text.replace(/^\$?\{\s*\.?|\s*\}$/g, '').replace(/^/, '.')} }}`,
      }
    }
  },
}
