export { type Clock, systemClock } from './clock.ts'
export {
  type ErrorCode,
  type ErrorDetails,
  errorPhrase,
  formatError,
  formatPhrase,
  formatProblem,
  InputError,
  type Phrase,
  PortDispatchError,
  type Problem,
  phrase,
  type Setting,
  type SettingReference,
  setting,
} from './errors.ts'
export {
  isJsonObject,
  type Json,
  type JsonObject,
  MAX_JSON_DEPTH,
  surveyJson,
} from './json.ts'
export { explain, type Logger, silentLogger } from './logger.ts'
export { formatPath } from './path.ts'
