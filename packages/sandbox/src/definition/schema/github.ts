import { described, object, recordOf, text } from '@port-dispatch/core/schema'
import * as v from 'valibot'
import {
  branches,
  defaultBranch,
  id,
  listOf,
  log,
  oneOf,
  optional,
  seconds,
  tags,
  when,
} from './blocks.ts'

const workflow = object(
  {
    content: described(
      text,
      'The text of a workflow file. The sandbox reads its inputs, jobs and steps.',
    ),
    state: optional(oneOf('active', 'disabled_manually')),
    plan: optional(
      object(
        {
          queued: optional(described(seconds, 'Seconds in the status queued.')),
          steps: optional(
            described(
              recordOf(
                object(
                  {
                    seconds: optional(seconds),
                    failWhen: optional(when),
                    log: optional(log),
                  },
                  'refused',
                ),
              ),
              'How long steps take and when they fail, by the name of the step.',
            ),
          ),
          endings: optional(
            described(
              listOf(
                object(
                  {
                    when: optional(when),
                    after: optional(
                      described(
                        seconds,
                        'Seconds after the dispatch. Default: when the last job ends.',
                      ),
                    ),
                    conclusion: optional(described(text, 'Completes the run.', 'cancelled')),
                    status: optional(
                      described(
                        text,
                        'Without a conclusion, the run stays in this status.',
                        'waiting',
                      ),
                    ),
                  },
                  'refused',
                ),
              ),
              'The first ending whose condition holds overrides the result of the steps.',
            ),
          ),
        },
        'refused',
      ),
    ),
  },
  'refused',
)

const FULL_NAME = 'a full name, "owner/repository"'
/** The stand-in of GitHub. */
export const github = object(
  {
    tokens: described(
      listOf(
        object(
          {
            token: text,
            permission: optional(
              described(oneOf('read', 'write'), 'Permission for Actions. Default: write.'),
            ),
            repositories: optional(
              described(
                listOf(text),
                'Full names of the repositories that the token can read. Default: all.',
              ),
            ),
          },
          'refused',
        ),
      ),
      'Tokens that are accepted.',
    ),
    repositories: listOf(
      object(
        {
          name: described(
            v.pipe(v.string(FULL_NAME), v.regex(/^[\w.-]+\/[\w.-]+$/, FULL_NAME)),
            'Full name: owner/repository.',
            'acme/shop',
          ),
          id,
          ownerId: id,
          defaultBranch,
          branches,
          tags,
          workflows: described(
            recordOf(workflow),
            'Workflows by their file name in .github/workflows.',
          ),
        },
        'refused',
      ),
    ),
    runDetails: optional(
      described(
        oneOf('supported', 'unsupported', 'refused'),
        'How the server handles return_run_details: it returns the IDs of the run, ignores the key (204), or refuses it as unknown (422), like different versions of GitHub Enterprise Server.',
      ),
    ),
    rateLimit: optional(described(id, 'Number of requests per hour and token. Default: 5,000.')),
    listDelay: optional(
      described(
        seconds,
        'Seconds until a new run appears in lists. The lists of GitHub lag behind a dispatch.',
      ),
    ),
  },
  'refused',
)
