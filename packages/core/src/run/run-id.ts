const SHAPE = /^(?:r|wfnr)_[A-Za-z0-9_-]+$/

/** Whether a text has the shape of the id of a Port run: `r_…`, or `wfnr_…` for a workflow node run. */
export function isRunId(text: string): boolean {
  return SHAPE.test(text)
}

/**
 * Whether a value can be the number by which GitHub or GitLab name a run, a repository or a project. JSON numbers that are
 * larger lose their last digits when they are read, and would then name something else.
 */
export function isNumericId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

/** Whether a run is a node run of a Port workflow (`wfnr_…`), which has calls of its own in Port's API. */
export function isNodeRunId(runId: string): boolean {
  return runId.startsWith('wfnr_')
}

function isDots(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment)
}

/**
 * What is wrong with an identifier that is to become one segment of a URL's path, as a clause that follows its name.
 *
 * @param slashes which of them it can hold: entities have identifiers like `group/project`, blueprints a backslash
 * @returns undefined if it can be sent
 */
export function identifierProblem(
  identifier: string,
  slashes: '' | '\\' | '/\\' = '',
): string | undefined {
  if (identifier.trim() === '') return 'is empty'
  const shown = JSON.stringify(identifier)
  if ([...'/\\'].some((slash) => identifier.includes(slash) && !slashes.includes(slash))) {
    return `found ${shown}, with a slash`
  }
  // URLs resolve these, encoded or not, and ask for something else.
  if (identifier.split(/[/\\]/).some(isDots)) return `is ${shown}`
  if (/[\p{Cc}\u2028\u2029]/u.test(identifier)) return `found ${shown}, with a control character`
  if (!identifier.isWellFormed()) return `found ${shown}, with half a character`
  return undefined
}
