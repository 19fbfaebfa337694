import { validate } from '../schema/check.ts'
import { lintConfigSchema } from './config-schema.ts'
import type { Finding, LintConfig } from './finding.ts'

/**
 * Checks the key `lint` of `port-dispatch.yml`.
 *
 * @param subject the file, as the user knows it
 * @throws InputError with every problem
 */
export function parseLintConfig(value: unknown, subject: string): LintConfig {
  if (value === undefined || value === null) return {}
  return validate(lintConfigSchema, value, subject, ['lint'])
}

/** Whether the configuration says that a finding is none. */
export function isExcepted({ rule, action, file }: Finding, { ignore = [] }: LintConfig): boolean {
  return ignore.some((exception) => {
    if (exception.rule !== rule) return false
    if (exception.action !== undefined && exception.action !== action) return false
    return exception.file === undefined || isSameFile(exception.file, file)
  })
}

/** Files are named by their last parts: `deploy.json` is `actions/deploy.json`. */
function isSameFile(named: string, file: string): boolean {
  const plain = (path: string) => path.replaceAll('\\', '/').replace(/^\.\//, '')
  return plain(file) === plain(named) || plain(file).endsWith(`/${plain(named)}`)
}
