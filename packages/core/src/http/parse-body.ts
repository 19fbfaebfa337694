import { MAX_JSON_DEPTH, surveyJson } from '../json.ts'

/**
 * Parses the JSON of a response.
 *
 * @throws SyntaxError if it is not JSON, or nested more than 1,000 levels deep, which no API sends
 */
export function parseBody(text: string): unknown {
  const canBeTooDeep = text.length > 2 * MAX_JSON_DEPTH
  if (canBeTooDeep && surveyJson(text).tooDeepAt !== undefined) {
    throw new SyntaxError(`nested more than ${MAX_JSON_DEPTH} levels deep`)
  }
  return JSON.parse(text)
}
