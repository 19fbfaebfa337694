import { InputError, type Problem } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import { formatPath } from '../path.ts'
import { suggest } from '../text/suggest.ts'
import type { Finding, LintConfig, LintException, Severity } from './finding.ts'
import { RULES } from './rules.ts'

const LEVELS: readonly (Severity | 'off')[] = ['off', 'info', 'warning', 'error']
const FIELDS = ['rule', 'action', 'file', 'reason']

/**
 * Checks the key `lint` of `port-dispatch.yml`.
 *
 * @param subject the file, as the user knows it
 * @throws InputError with every problem
 */
export function parseLintConfig(value: unknown, subject: string): LintConfig {
  if (value === undefined || value === null) return {}
  const problems: Problem[] = []
  const config = isJsonObject(value) ? value : {}
  if (!isJsonObject(value)) problems.push({ path: 'lint', found: 'is not an object' })
  for (const key of Object.keys(config)) {
    if (key !== 'rules' && key !== 'ignore') {
      problems.push({
        path: formatPath(['lint', key]),
        found: 'is not known',
        expected: 'rules or ignore',
      })
    }
  }
  const rules = readRules(config.rules, problems)
  const ignore = readIgnore(config.ignore, problems)
  if (problems.length > 0) throw new InputError(`${subject} is not valid:`, problems)
  return { rules, ignore }
}

function readRules(value: Json | undefined, problems: Problem[]): Record<string, Severity | 'off'> {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) {
    problems.push({ path: 'lint.rules', found: 'is not an object' })
    return {}
  }
  const rules: Record<string, Severity | 'off'> = {}
  for (const [rule, level] of Object.entries(value)) {
    const path = formatPath(['lint', 'rules', rule])
    const known = LEVELS.find((each) => each === level)
    const isKnown = checkRule(rule, path, problems)
    if (known) rules[rule] = known
    else if (isKnown) {
      problems.push({ path, found: `found ${JSON.stringify(level)}`, expected: LEVELS.join(', ') })
    }
  }
  return rules
}

function readIgnore(value: Json | undefined, problems: Problem[]): LintException[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    problems.push({ path: 'lint.ignore', found: 'is not a list' })
    return []
  }
  return value.flatMap((item, index): LintException[] => {
    const path = `lint.ignore[${index}]`
    if (!isJsonObject(item) || typeof item.rule !== 'string') {
      problems.push({
        path,
        found: 'names no rule',
        expected: 'an object with rule, and action or file',
      })
      return []
    }
    for (const key of Object.keys(item)) {
      if (!FIELDS.includes(key)) {
        problems.push({
          path: `${path}.${key}`,
          found: 'is not known',
          expected: FIELDS.join(', '),
        })
      }
    }
    checkRule(item.rule, `${path}.rule`, problems)
    const { rule, action, file } = item
    return [
      {
        rule,
        ...(typeof action === 'string' && { action }),
        ...(typeof file === 'string' && { file }),
      },
    ]
  })
}

function checkRule(rule: string, path: string, problems: Problem[]): boolean {
  const known = RULES.map(({ id }) => id)
  if (known.includes(rule)) return true
  const meant = suggest(rule, known)
  problems.push({
    path,
    found: `found ${JSON.stringify(rule)}, which is not a rule`,
    ...(meant !== undefined && { advice: `Did you mean ${meant}?` }),
  })
  return false
}

/** Whether the configuration says that a finding is none. */
export function isExcepted({ rule, action, file }: Finding, { ignore = [] }: LintConfig): boolean {
  return ignore.some((exception) => {
    if (exception.rule !== rule) return false
    if (exception.action !== undefined && exception.action !== action) return false
    return exception.file === undefined || isSameFile(exception.file, file)
  })
}

/** Files are named by their last parts: `deploy.json` is `actions/deploy.json`. */
function isSameFile(named: string, file: string): boolean {
  const plain = (path: string) => path.replaceAll('\\', '/').replace(/^\.\//, '')
  return plain(file) === plain(named) || plain(file).endsWith(`/${plain(named)}`)
}
