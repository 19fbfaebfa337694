/**
 * A setting that a user can change. Each face knows it under a name of its own: `port.clientId` is the variable
 * `PORT_CLIENT_ID` of the command, the input `clientId` of the Action.
 */
export type Setting =
  | 'port.clientId'
  | 'port.clientSecret'
  | 'port.baseUrl'
  | 'github.token'
  | 'github.apiUrl'
  | 'github.appId'
  | 'github.privateKey'
  | 'gitlab.token'
  | 'gitlab.triggerToken'
  | 'gitlab.url'
  | 'webhook.allowHosts'
  | 'webhook.timeout'
  | 'webhook.retry'
  | 'webhook.ca'
  | 'webhook.cert'
  | 'webhook.key'
  | 'kafka.brokers'
  | 'kafka.username'
  | 'kafka.password'
  | 'kafka.ca'
  | 'kafka.mechanism'
  | 'kafka.protocol'
  | 'kafka.topic'
  | 'action'
  | 'context'
  | 'runId'
  | 'report'
  | 'reportTimeout'
  | 'strict'
  | 'wait'
  | 'timeout'
  | 'jqTimeout'
  | 'again'

/** Text for people in which settings are still data, so that each face can write the name that its users know. */
export type Phrase = string | readonly (string | SettingReference)[]

export interface SettingReference {
  setting: Setting
}

export function setting(name: Setting): SettingReference {
  return { setting: name }
}

/** Makes a {@link Phrase}, of others too: `` phrase`Check ${setting('port.clientId')}. ${more}` `` */
export function phrase(
  strings: TemplateStringsArray,
  ...values: (Phrase | number | SettingReference)[]
): Phrase {
  const parts = strings.flatMap((text, index) => {
    const value = values[index] ?? ''
    return [text, ...(typeof value === 'number' ? [String(value)] : [value].flat())]
  })
  return parts.filter((part) => part !== '')
}

/** One thing that is wrong, at one place: a setting, or a path in something that was read. */
export interface Problem {
  setting?: Setting
  /** From the root of what was read: `invocationMethod.workflow`, `workflowInputs.labels[2]`. Empty for the root. */
  path?: string
  /** A clause that follows the name of the place: `is missing`, `found "x"`, `has 26 inputs`. */
  found: Phrase
  /** Set if it is only that nothing is there. */
  missing?: true
  /** What should be there, as a noun: `a string`. */
  expected?: Phrase
  /** What to do about it. */
  advice?: Phrase
  /** Lines to show under it: that of a document in which it was found, and a caret under the place. */
  excerpt?: readonly string[]
}

/** What kind of failure it is; each kind has its own exit code in the command. */
export type ErrorCode =
  /** The caller's input is wrong: a file, a field, a flag. */
  | 'INPUT'
  /** A limit of this project was reached, which the user can raise. Nothing was sent. */
  | 'LIMIT'
  /** The payload was refused because expressions in it failed. */
  | 'STRICT'
  /** The process was asked to end before it had started anything. */
  | 'STOPPED'
  /** The backend refused or could not be reached. */
  | 'BACKEND'
  /** Port refused or could not be reached. */
  | 'PORT'
  /** A request got no complete response. Whoever sent it says for whom it was. */
  | 'TRANSPORT'

export interface ErrorDetails extends ErrorOptions {
  problems?: readonly Problem[] | undefined
  /** What to do, where it is not a matter of one problem. */
  advice?: Phrase | undefined
}

const BRANDS = Symbol.for('port-dispatch.error')

/**
 * The base of every error that this project raises on purpose. `instanceof` holds between copies of this package, as
 * two bundles in one process have them.
 */
export class PortDispatchError extends Error {
  static readonly brand: string = 'PortDispatchError'
  override readonly name: string = 'PortDispatchError'
  readonly code: ErrorCode
  /** What happened, without the problems and the advice. */
  readonly summary: Phrase
  readonly problems: readonly Problem[]
  readonly advice: Phrase | undefined

  constructor(code: ErrorCode, summary: Phrase, details: ErrorDetails = {}) {
    const { problems = [], advice, cause } = details
    super(
      formatError({ summary, problems, advice }, (name) => name),
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.summary = summary
    this.problems = problems
    this.advice = advice
    const brands: string[] = []
    for (let at = new.target; at?.brand !== undefined; at = Object.getPrototypeOf(at)) {
      if (Object.hasOwn(at, 'brand')) brands.push(at.brand)
    }
    Object.defineProperty(this, BRANDS, { value: brands })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!Object.hasOwn(this, 'brand'))
      return Function.prototype[Symbol.hasInstance].call(this, value)
    if (!(typeof value === 'object' && value !== null && BRANDS in value)) return false
    return Array.isArray(value[BRANDS]) && value[BRANDS].includes(this.brand)
  }
}

/** An input that cannot be used, with every problem that was found in it. */
export class InputError extends PortDispatchError {
  static override readonly brand: string = 'InputError'
  override readonly name = 'InputError'

  /**
   * @param subject what was read, as the user knows it: `The action examples/deploy/action.json is not valid:`
   * @param problems at least one
   */
  constructor(subject: Phrase, problems: readonly Problem[], options?: ErrorOptions) {
    super('INPUT', subject, { ...options, problems })
  }
}

/**
 * Writes an error for people: what happened, then a line for each problem, then what to do.
 *
 * @param nameOf gives the name of a setting that the reader knows
 */
export function formatError(error: Told, nameOf: (setting: Setting) => string): string {
  return formatPhrase(errorPhrase(error), nameOf)
}

type Told = Pick<PortDispatchError, 'summary' | 'problems' | 'advice'>

/** All that {@link formatError} writes, to be quoted in another error. */
export function errorPhrase({ summary, problems, advice }: Told): Phrase {
  if (problems.length === 0) return advice === undefined ? summary : phrase`${summary} ${advice}`
  const lines = problems.flatMap((problem) => [
    phrase`  ${problemPhrase(problem)}`,
    ...(problem.excerpt ?? []).map((line) => `      ${line}`),
  ])
  const all = [summary, ...lines, ...(advice === undefined ? [] : [advice])]
  return all.flatMap((line, index) => (index === 0 ? line : ['\n', line].flat()))
}

/** One line: where, what was found, what was expected, and what to do. */
export function formatProblem(problem: Problem, nameOf: (setting: Setting) => string): string {
  return formatPhrase(problemPhrase(problem), nameOf)
}

function problemPhrase({ setting: name, path, found, expected, advice }: Problem): Phrase {
  const where = [name ? [setting(name)] : [], path ? [path] : []].filter(({ length }) => length > 0)
  const at = where.flatMap((part, index) => (index === 0 ? part : [', ', ...part]))
  const what = phrase`${at}${at.length > 0 ? ': ' : ''}${found}${expected === undefined ? '' : phrase`; expected ${expected}`}`
  if (advice === undefined) return what
  const last = what.at(-1)
  const isSentence = typeof last === 'string' && last.endsWith('.')
  return phrase`${what}${isSentence ? '' : '.'} ${advice}`
}

export function formatPhrase(text: Phrase, nameOf: (setting: Setting) => string): string {
  if (typeof text === 'string') return text
  return text.map((part) => (typeof part === 'string' ? part : nameOf(part.setting))).join('')
}
