import type { Problem } from '@port-dispatch/core'
import type { Environment } from '../../network/environment.ts'
import { VARIABLES } from '../connections.ts'

/**
 * Why a variable that somebody has set may be missing in a GitLab job.
 *
 * @returns undefined if no credential is missing, and outside of GitLab CI
 */
export function explainMissing(problems: readonly Problem[], env: Environment): string | undefined {
  if (!env.GITLAB_CI) return undefined
  const names = problems.flatMap(({ setting, missing }) =>
    missing && setting && setting in VARIABLES
      ? [VARIABLES[setting as keyof typeof VARIABLES]]
      : [],
  )
  if (names.length === 0) return undefined
  const where = `Set ${names.join(' and ')} under Settings > CI/CD > Variables of the project or a group.`
  if (env.CI_COMMIT_REF_PROTECTED === 'true') return where
  const ref = env.CI_COMMIT_REF_NAME ? `the ref "${env.CI_COMMIT_REF_NAME}"` : 'this ref'
  return `${where} If that is done, the variable is protected: GitLab shows protected variables only to protected branches and tags, and ${ref} is not protected. Protect it, or clear "Protect variable".`
}
