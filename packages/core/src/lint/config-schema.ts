import * as v from 'valibot'
import { anyText, described, object, recordOf, text } from '../schema/schemas.ts'
import type { LintConfig } from './finding.ts'
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
