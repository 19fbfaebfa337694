import { defaultGitHub } from './default-github.ts'
import { defaultGitLab } from './default-gitlab.ts'
import { defaultPort } from './default-port.ts'
import type { CompleteDefinition } from './definition.ts'

/** The organisation `acme`: what a sandbox serves unless it is told otherwise. */
export const defaultDefinition: CompleteDefinition = {
  port: defaultPort,
  github: defaultGitHub,
  gitlab: defaultGitLab,
}
