// What a definition is made of, for those who read and write one: the checks and the descriptions that editors show.
import { described, object } from '@port-dispatch/core/schema'
import * as v from 'valibot'
import type { SandboxDefinition } from './definition.ts'
import { github } from './schema/github.ts'
import { gitlab } from './schema/gitlab.ts'
import { port } from './schema/port.ts'

/** References between values, such as the stage of a job, are checked afterwards. */
export const definitionSchema: v.GenericSchema<unknown, SandboxDefinition> = object(
  {
    port: v.exactOptional(described(port, 'The stand-in of Port.')),
    github: v.exactOptional(described(github, 'The stand-in of GitHub.')),
    gitlab: v.exactOptional(described(gitlab, 'The stand-in of GitLab.')),
  },
  'refused',
)
