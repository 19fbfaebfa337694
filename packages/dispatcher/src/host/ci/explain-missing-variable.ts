import { InputError } from '@port-dispatch/core'
import type { Environment } from '../environment.ts'

/**
 * Says why a variable that somebody has set may be missing in a GitLab job.
 *
 * @returns undefined for other errors, and outside of GitLab CI
 */
export function explainMissingVariable(error: unknown, env: Environment): string | undefined {
  if (!env.GITLAB_CI || !(error instanceof InputError)) return undefined
  const names = error.problems
    .filter(
      ({ path = '', found }) =>
        /^(PORT|GITLAB|GITHUB)_\w+$/.test(path) && /^is missing/.test(`${found}`),
    )
    .map(({ path }) => path)
  if (names.length === 0) return undefined
  const where = `Set ${names.join(' and ')} under Settings > CI/CD > Variables of the project or a group.`
  if (env.CI_COMMIT_REF_PROTECTED === 'true') return where
  return `${where} If that is done, the variable is protected: GitLab shows protected variables only to protected branches and tags, and ${env.CI_COMMIT_REF_NAME || 'this ref'} is none. Protect it, or clear "Protect variable".`
}
