import { defaultGitHub } from './default-github.ts'
import { defaultGitLab } from './default-gitlab.ts'
import { defaultPort } from './default-port.ts'
import type { CompleteDefinition } from './definition.ts'

/** The organization `acme`, which a sandbox serves by default. */
export const defaultDefinition: CompleteDefinition = {
  port: defaultPort,
  github: defaultGitHub,
  gitlab: defaultGitLab,
}
