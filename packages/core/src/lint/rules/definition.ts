import { parseAction } from '../../action/action.ts'
import { METHOD_ENTRIES } from '../../action/method-entries.ts'
import { isInvocationType } from '../../action/parse-invocation-method.ts'
import { parseRenderedMethod } from '../../action/parse-rendered-method.ts'
import { urlProblem } from '../../action/webhook-url.ts'
import { formatPhrase, InputError, type Phrase, type Problem } from '../../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import type { Draft, Path, Rule, Severity } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import type { Subject } from '../subject.ts'

/** Everything that the parser of actions refuses or notes: it is the one place that knows the fields. */
export const definition: Rule<Lintee> = {
  id: 'definition',
  severity: 'error',
  summary: 'The action has the fields that its type needs, with values that Port accepts',
  *check({ subject }) {
    const { action, path, method, methodPath } = subject
    try {
      // The path of a node is that of its method in the parser too.
      const value =
        subject.trigger.type === 'node' ? { ...action, config: action.invocationMethod } : action
      const { notes } = parseAction(subject.trigger.type === 'node' ? method : value)
      for (const { type, path: at, message, meant } of notes) {
        if (type === 'old-definition') continue
        const where = parsePath(at)
        yield {
          path: [...methodPath, ...where],
          isKey: true,
          severity: type === 'unknown-type' && meant === undefined ? 'info' : 'warning',
          message: `${where.at(-1) ?? ''} ${message}`,
          ...(type === 'unknown-key' && message.endsWith('effect') && fieldsOf(subject, where)),
        }
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      for (const problem of error.problems) yield fromProblem(problem, path, action)
      return
    }
    if (method && !subject.isV1) {
      yield* urlBegins(subject, method)
      yield* constants(subject, method)
    }
  },
}

/** A field that means nothing is often another one: those that the type has. */
function fieldsOf({ methodType }: Subject, where: Path): Pick<Draft, 'advice'> {
  if (where.length !== 1 || !isInvocationType(methodType)) return {}
  const fields = Object.keys(METHOD_ENTRIES[methodType]).filter((name) => name !== 'type')
  return { advice: `The fields of ${methodType} are ${fields.join(', ')}` }
}

/** The beginning of an address that a template completes. */
function* urlBegins({ methodPath, trigger }: Subject, { type, url }: JsonObject): Generator<Draft> {
  if (type !== 'WEBHOOK' || trigger.type === 'node' || typeof url !== 'string') return
  const end = url.indexOf('{{')
  const begin = (end < 0 ? '' : url.slice(0, end)).trimStart().toLowerCase()
  // A placeholder of documentation, or the rest of one.
  if (begin === '' || begin.startsWith('<')) return
  if (['https://', 'http://'].some((each) => agree(each, begin))) return
  const problem = urlProblem(url)
  if (!problem) return
  const advice = 'Begin it with https://'
  yield fromProblem({ ...problem, path: 'url', advice }, methodPath, { url }, 'warning')
}

/** Whether one of two texts begins with the other. */
function agree(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one)
}

/** What the check of a rendered method refuses, where a constant is to blame and not what a template gives. */
function* constants({ methodPath, trigger }: Subject, method: JsonObject): Generator<Draft> {
  const { type, ...fields } = method
  try {
    // A type that is not known is not checked.
    parseRenderedMethod(type as Parameters<typeof parseRenderedMethod>[0], {
      ...fields,
      type: type ?? null,
    })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    for (const problem of error.problems) {
      const at = parsePath(problem.path ?? '')
      const value = valueAt(method, at)
      if (value === undefined || JSON.stringify(value).includes('{{')) continue
      yield fromProblem(problem, methodPath, method)
    }
    return
  }
  const { url } = method
  if (type !== 'WEBHOOK' || trigger.type === 'node') return
  if (typeof url !== 'string' || url.includes('{{')) return
  const problem = urlProblem(url)
  if (problem) yield fromProblem({ ...problem, path: 'url' }, methodPath, method, 'warning')
}

function fromProblem(problem: Problem, base: Path, root: Json, severity?: Severity): Draft {
  const full = parsePath(problem.path ?? '')
  // Where nothing is, the place is what should hold it.
  const segments = existing(root, full)
  const isMissing = segments.length < full.length
  const found = formatPhrase(problem.found, String)
  const name = problem.path === '' || problem.path === undefined ? 'The action' : problem.path
  const expected =
    problem.expected === undefined ? '' : `; expected ${formatPhrase(problem.expected, String)}`
  const advice: Phrase | undefined = problem.advice
  return {
    path: [...base, ...segments],
    ...(!isMissing && problem.expected === undefined && { isKey: true }),
    ...(severity && { severity }),
    message: `${name} ${found}${expected}`,
    ...(advice !== undefined && { advice }),
  }
}

function existing(root: Json, path: Path): Path {
  let at: Json | undefined = root
  let length = 0
  for (const segment of path) {
    at = childOf(at, segment)
    if (at === undefined) break
    length++
  }
  return path.slice(0, length)
}

function valueAt(root: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(childOf, root)
}

function childOf(value: Json | undefined, segment: string | number): Json | undefined {
  if (Array.isArray(value)) return typeof segment === 'number' ? value[segment] : undefined
  if (!isJsonObject(value) || !Object.hasOwn(value, String(segment))) return undefined
  return value[String(segment)]
}

/** The segments of a path as messages have it: `labels[2]`, `headers["x y"]`. */
function parsePath(path: string): (string | number)[] {
  const segments: (string | number)[] = []
  for (const match of path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)) {
    const [, index, quoted, plain] = match
    if (index !== undefined) segments.push(Number(index))
    else if (quoted !== undefined) segments.push(JSON.parse(quoted))
    else if (plain !== undefined) segments.push(plain)
  }
  return segments
}
