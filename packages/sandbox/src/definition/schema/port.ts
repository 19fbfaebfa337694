import { described, jsonObject, object, text } from '@port-dispatch/core/schema'
import * as v from 'valibot'
import { listOf, optional, seconds } from './blocks.ts'

const NODE_RUN = 'an identifier, "wfnr_…"'
const nodeRunId = v.pipe(v.string(NODE_RUN), v.regex(/^wfnr_[\w-]+$/, NODE_RUN))

/** The stand-in of Port. */
export const port = object(
  {
    organization: described(text, 'Identifier of the organization.', 'org_acme'),
    credentials: described(
      listOf(object({ clientId: text, clientSecret: text }, 'refused')),
      'API credentials that are accepted.',
    ),
    tokenLifetime: optional(
      described(seconds, 'Lifetime of an access token in seconds. Default: 3 hours, as in Port.'),
    ),
    kafka: optional(
      described(
        object({ brokers: listOf(text), username: text, password: text }, 'refused'),
        'What GET /v1/kafka-credentials gives. Without it the organization has no Kafka.',
      ),
    ),
    actions: optional(
      described(
        listOf(
          object({
            identifier: text,
            trigger: jsonObject,
            invocationMethod: object({ type: text }),
          }),
        ),
        'Actions as the API of Port stores them. The sandbox reads the user inputs of their triggers.',
      ),
    ),
    nodeRuns: optional(
      described(
        listOf(
          v.union(
            [
              nodeRunId,
              object(
                {
                  identifier: nodeRunId,
                  node: optional(described(text, 'Identifier of the node in its workflow.')),
                  config: optional(
                    described(
                      jsonObject,
                      'What the node executes. Templates see .workflowNodeRun and .secrets.SANDBOX_URL.',
                    ),
                  ),
                },
                'refused',
              ),
            ],
            `${NODE_RUN}, or an object with an identifier`,
          ),
        ),
        'Workflow node runs that exist when the sandbox starts. Those with a config can be claimed.',
        ['wfnr_Deploy00000001'],
      ),
    ),
    runs: optional(
      described(
        listOf(
          object(
            {
              id: described(text, 'ID of the run.', 'r_MyRun0000000001'),
              action: described(text, 'Identifier of one of the actions.'),
              properties: optional(described(jsonObject, 'The user inputs.')),
              entity: optional(
                described(text, 'Identifier of the entity that the action was started on.'),
              ),
            },
            'refused',
          ),
        ),
        'Runs that exist when the sandbox starts.',
      ),
    ),
  },
  'refused',
)
