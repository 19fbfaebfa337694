/** What programs that print, log or report need: text without secrets and control characters. */
export {
  createGrowingRedactor,
  createRedactor,
  type GrowingRedactor,
  type Redactor,
  secretsOf,
} from './redact.ts'
export { printableJson, sanitize } from './sanitize.ts'
export { suggest } from './suggest.ts'
