import { InputError, type JsonObject } from '@port-dispatch/core'
import type { RenderedGitlabMethod, RenderedMethod } from '@port-dispatch/core/action'
import type { Http } from '@port-dispatch/core/http'
import type { Environment } from '../host/environment.ts'
import { addressProblem } from '../host/server-address.ts'
import type { Backend } from './backend.ts'

export interface BackendOptions {
  http: Http
  /** Tokens and addresses; see docs/environment.md. */
  env: Environment
  /** The user inputs, of which GitLab's `ref` goes before `defaultRef`. */
  inputs?: JsonObject | null | undefined
}

/**
 * Makes the backend that an invocation method names. Loads that backend's client library and no other.
 *
 * @throws InputError if there is none for this type, or a credential is missing
 */
export async function createBackend(
  method: RenderedMethod,
  options: BackendOptions,
): Promise<Backend> {
  const { http, env } = options
  checkAddresses(method, env)
  switch (method.type) {
    case 'GITHUB': {
      const token = env.GITHUB_TOKEN
      if (!token) throw missingGithubToken(method.org, method.repo)
      const { GithubBackend } = await import('./github/github.ts')
      return new GithubBackend(method, { http, token, apiUrl: env.GITHUB_API_URL })
    }
    case 'GITLAB': {
      const token = env.GITLAB_TOKEN || undefined
      const triggerToken = env.GITLAB_TRIGGER_TOKEN || env[agentTokenName(method)] || undefined
      if (!token && !triggerToken) throw missingGitlabToken(method)
      const { GitlabBackend } = await import('./gitlab/gitlab.ts')
      const ref = options.inputs?.ref
      return new GitlabBackend(method, {
        http,
        url: env.GITLAB_URL || env.CI_SERVER_URL,
        token,
        triggerToken,
        ref: typeof ref === 'string' ? ref : undefined,
      })
    }
    default:
      throw new InputError('The action cannot be dispatched:', [
        {
          path: 'invocationMethod.type',
          found: `found "${method.type}", which can be rendered but not dispatched; GITHUB and GITLAB can`,
        },
      ])
  }
}

function checkAddresses({ type }: RenderedMethod, env: Environment): void {
  const problems = [
    type === 'GITHUB' &&
      addressProblem('GITHUB_API_URL', env.GITHUB_API_URL, 'https://HOST/api/v3'),
    type === 'GITLAB' && addressProblem('GITLAB_URL', env.GITLAB_URL, 'https://gitlab.example.com'),
  ].filter((problem) => problem !== false && problem !== undefined)
  if (problems.length > 0) throw new InputError('The backend cannot be asked:', problems)
}

/** The variable from which Port's agent reads the trigger token of a project: `<group>_<project>`. */
function agentTokenName({ groupName, projectName }: RenderedGitlabMethod): string {
  return `${groupName.replaceAll('/', '_')}_${projectName}`
}

function missingGithubToken(org: string, repo: string): InputError {
  return new InputError('GitHub cannot be asked:', [
    {
      path: 'GITHUB_TOKEN',
      found: `is missing; set it to a token with write access to Actions of ${org}/${repo}`,
    },
  ])
}

function missingGitlabToken({ groupName, projectName }: RenderedGitlabMethod): InputError {
  return new InputError('GitLab cannot be asked:', [
    {
      path: 'GITLAB_TRIGGER_TOKEN',
      found: `is missing; set it to a pipeline trigger token of ${groupName}/${projectName}, or GITLAB_TOKEN to an access token with the scope "api"`,
    },
  ])
}
