import * as v from 'valibot'
import { validate } from '../schema/check.ts'
import { anyText, described, object, recordOf, text } from '../schema/schemas.ts'
import type { Finding, LintConfig } from './finding.ts'
import { RULES } from './rules.ts'

const LEVELS = ['off', 'info', 'warning', 'error'] as const

/** The name of a rule. */
const rule = v.pipe(
  v.string('the name of a rule'),
  v.values(
    RULES.map(({ id }) => id),
    'the name of a rule',
  ),
)

const level = v.picklist(LEVELS, LEVELS.join(', '))

/** The key `lint` of `port-dispatch.yml`. */
export const lintConfigSchema: v.GenericSchema<unknown, LintConfig> = object(
  {
    rules: v.exactOptional(
      described(recordOf(level, rule), 'The severity of rules, by their names.', {
        'run-name': 'off',
        'jq-version': 'info',
      }),
    ),
    ignore: v.exactOptional(
      described(
        v.array(
          object(
            {
              rule: described(rule, 'The rule that does not hold.'),
              action: v.exactOptional(described(text, 'Identifier of the action.')),
              file: v.exactOptional(
                described(text, 'Path of the file, or its last parts.', 'actions/deploy.json'),
              ),
              reason: v.exactOptional(described(anyText, 'Why. For people.')),
            },
            'refused',
          ),
          'a list',
        ),
        'Findings that are right as they are: a rule, with an action, a file, or both.',
      ),
    ),
  },
  'refused',
)

/**
 * Checks the key `lint` of `port-dispatch.yml`.
 *
 * @param subject the file, as the user knows it
 * @throws InputError with every problem
 */
export function parseLintConfig(value: unknown, subject: string): LintConfig {
  if (value === undefined || value === null) return {}
  return validate(lintConfigSchema, value, subject, ['lint'])
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
