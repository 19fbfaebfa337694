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
  scalar,
  seconds,
  tags,
  when,
} from './blocks.ts'

const FULL_PATH = 'a full path, "group/project"'
const project = object(
  {
    path: described(
      v.pipe(v.string(FULL_PATH), v.regex(/^[\w.-]+(?:\/[\w.-]+)+$/, FULL_PATH)),
      'Full path: group/subgroup/project.',
      'acme/infra',
    ),
    id,
    defaultBranch,
    branches,
    tags,
    triggerTokens: listOf(text),
    pipelineVariables: optional(
      described(
        oneOf('allowed', 'refused'),
        'refused is the setting "Minimum role to use pipeline variables: No one allowed" of GitLab.',
      ),
    ),
    inputs: optional(
      described(
        recordOf(
          object({ default: optional(scalar), options: optional(listOf(scalar)) }, 'refused'),
        ),
        'spec:inputs of the pipeline configuration.',
      ),
    ),
    stages: listOf(text),
    jobs: listOf(
      object(
        {
          name: text,
          stage: described(text, 'One of the stages of the project.'),
          seconds: optional(seconds),
          when: optional(oneOf('on_success', 'on_failure', 'always', 'manual')),
          allowFailure: optional(v.boolean('true or false')),
          runWhen: optional(
            described(
              when,
              'The rules of the job. Without a match, the job is not in the pipeline.',
            ),
          ),
          failWhen: optional(when),
          log: optional(log),
        },
        'refused',
      ),
    ),
    queued: optional(described(seconds, 'Seconds from creation to the first running job.')),
    endings: optional(
      described(
        listOf(
          object(
            {
              status: text,
              when: optional(when),
              after: optional(
                described(
                  seconds,
                  'Seconds after the pipeline is created. Default: when the last job ends.',
                ),
              ),
            },
            'refused',
          ),
        ),
        'The first ending whose condition holds overrides the result of the jobs.',
      ),
    ),
  },
  'refused',
)

/** The stand-in of GitLab. */
export const gitlab = object(
  {
    accessTokens: described(
      listOf(
        object(
          {
            token: text,
            scope: optional(
              described(
                oneOf('api', 'read_api'),
                'Default: api. With read_api, the token cannot start or cancel pipelines.',
              ),
            ),
            projects: optional(
              described(
                listOf(text),
                'Full paths of the projects that the token can read. Default: all.',
              ),
            ),
          },
          'refused',
        ),
      ),
      'Tokens that are accepted.',
    ),
    projects: listOf(project),
  },
  'refused',
)
