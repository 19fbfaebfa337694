import type { LintedText } from '../expressions.ts'
import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const foreignBraces: Rule<Lintee> = {
  id: 'foreign-braces',
  severity: 'warning',
  summary: 'Templates are written as in Port, and jq programs without braces',
  *check({ expressions }) {
    for (const text of expressions.texts) {
      yield* text.isProgram ? inProgram(text) : inTemplate(text)
    }
  },
}

/** `${{ … }}` of GitHub and `$[[ … ]]` of GitLab, as a whole value: elsewhere, a dollar sign is text. */
function* inTemplate({ path, isKey, value, expressions, isWhole }: LintedText): Generator<Draft> {
  const place = { path, ...(isKey && { isKey: true as const }) }
  const dollar = value.search(/\$\{\{/)
  if (!isWhole && expressions.length === 1 && /^\s*\$\{\{(?:(?!\}\}).)*\}\}\s*$/s.test(value)) {
    yield {
      ...place,
      span: { index: dollar, length: 1 },
      message: 'The $ is sent as text in front of the value: templates of Port begin with {{',
      advice: 'Remove the $',
    }
  }
  const [gitlab] = /\$\[\[\s*\.?inputs\.[^[\]]*\]\]/.exec(value) ?? []
  if (gitlab !== undefined) {
    yield {
      ...place,
      span: { index: value.indexOf(gitlab), length: gitlab.length },
      message: `${gitlab} is sent as it is written: templates of Port begin with {{`,
      advice: `Write {{ .${gitlab.replace(/^\$\[\[\s*\.?|\s*\]\]$/g, '')} }}`,
    }
  }
}

/** Conditions and `jqQuery` are programs, in which `{{` begins an object without a key. */
function* inProgram({ path, value }: LintedText): Generator<Draft> {
  if (!/^\s*\{\{/.test(value)) return
  yield {
    path,
    severity: 'error',
    span: { index: value.indexOf('{{'), length: 2 },
    message: 'jq does not accept braces here: this is a jq program, and not a template',
    advice: `Write ${value.replace(/^\s*\{\{\s*|\s*\}\}\s*$/g, '')}`,
  }
}
