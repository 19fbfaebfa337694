import type { Json } from '@port-dispatch/core'
import { anyInvocationMethod, described, object, text } from '@port-dispatch/core/schema'
import * as v from 'valibot'

const route = object(
  {
    name: v.exactOptional(described(text, 'For the log.', 'production')),
    when: v.exactOptional(
      described(
        v.union([v.boolean(), v.string()], 'true, false or a template'),
        'A template that gives true where the route holds. Default: it always holds.',
        '{{ .inputs.environment == "production" }}',
      ),
    ),
    invocationMethod: described(
      anyInvocationMethod,
      'What is executed. Templates also see .message, and the secrets of this file.',
    ),
  },
  'refused',
)

const VARIABLE = 'the name of an environment variable'
const variable = v.pipe(v.string(VARIABLE), v.nonEmpty(VARIABLE))

/** The key of `port-dispatch lint`, which reads the same file. */
export const lintKey: v.GenericSchema<unknown, Json> = v.any() as v.GenericSchema<unknown, Json>

/** The shape of `port-dispatch.yml`. What its templates hold is checked afterwards. */
export const configSchema = object(
  {
    routes: v.exactOptional(
      described(
        v.array(route, 'an array of routes'),
        'What the agent executes. The first route that holds counts; without one, the run itself says it.',
      ),
    ),
    secrets: v.exactOptional(
      described(
        v.array(variable, 'an array of names of environment variables'),
        'Environment variables that templates see as .secrets.',
        ['DEPLOY_TOKEN'],
      ),
    ),
    lint: v.exactOptional(described(lintKey, 'Settings of port-dispatch lint.')),
  },
  'refused',
)
