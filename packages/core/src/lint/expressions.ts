// Collects the expressions of an action, and has jq compile and evaluate them, all in one go.
import { isJsonObject, type Json } from '../json.ts'
import { itemPath, keyPath } from '../path.ts'
import type { Inspection } from '../template/compat/inspect.ts'
import { compileTemplate } from '../template/compile-template.ts'
import type { ExpressionFailure } from '../template/expression-failure.ts'
import type { JqPool } from '../template/jq/pool.ts'
import { renderTemplate } from '../template/render-template.ts'
import { TemplateError } from '../template/template-error.ts'
import type { Path } from './finding.ts'
import { readExpression } from './jq/read-expression.ts'
import type { CallUse, OperatorUse, PathUse } from './jq/reading.ts'
import type { Subject } from './subject.ts'

/** What an expression sees, which decides the paths it can have. */
export type Scope =
  /** `{{ }}` in an invocation method: trigger data. */
  | 'template'
  /** A jq program in the condition of an automation: the event. */
  | 'condition'
  /** A jq program (`jqQuery`) in a form. */
  | 'form'

/** One expression of jq, where it stands. */
export interface LintedExpression {
  scope: Scope
  /** The text that holds it. */
  text: LintedText
  /** What jq gets. */
  filter: string
  /** The index of `filter` in the text. */
  start: number
  uses: readonly PathUse[]
  calls: readonly CallUse[]
  operators: readonly OperatorUse[]
  /** jq's message, if jq does not accept it. */
  rejection: { message: string; index: number } | undefined
  inspection: Inspection | undefined
}

/** A string that holds expressions, or that would if it were right. */
export interface LintedText {
  path: Path
  isKey: boolean
  value: string
  /** Why its braces cannot be read. */
  mistake: { message: string; index: number } | undefined
  expressions: LintedExpression[]
  /** Whether one expression is the whole text, which keeps the type of its value. */
  isWhole: boolean
  /** Whether it is a jq program, and not a template. */
  isProgram: boolean
}

/** What an action's expressions are linted with: everything that jq had to say about them. */
export interface Expressions {
  texts: readonly LintedText[]
  all: readonly LintedExpression[]
  /** Text of the invocation method, at its path in the file. Keys are not in it. */
  textAt: (path: Path) => LintedText | undefined
  /** What an expression of a template comes to with {@link SAMPLE}; undefined if it fails or has no output. */
  sampleOf: (text: string) => Json | undefined
}

/** The id of the run in {@link SAMPLE}. */
export const SAMPLE_RUN_ID = 'r_PortDispatchLint'

/** A context in which the id of the run is known, and little else. */
const SAMPLE: Json = {
  inputs: {},
  trigger: { by: { orgId: 'org', userId: 'user', user: { email: 'a@example.com' } } },
  event: { context: {}, diff: { before: {}, after: {} } },
  entity: { identifier: 'entity', title: 'Entity', properties: {}, relations: {} },
  action: { identifier: 'action', blueprint: 'blueprint' },
  run: { id: SAMPLE_RUN_ID },
  workflowNodeRun: { identifier: SAMPLE_RUN_ID },
  secrets: {},
}

/** Reads the expressions of actions. jq runs once for all of them, and not at all if none needs it. */
export async function readExpressions(
  subjects: readonly Subject[],
  pool: JqPool | undefined,
): Promise<Expressions[]> {
  const perSubject = subjects.map(collect)
  const samples = await evaluate(perSubject.flat(), pool)
  return perSubject.map((texts) => {
    const values = new Map<string, LintedText>()
    for (const text of texts) {
      if (!text.isKey) values.set(JSON.stringify(text.path), text)
      for (const expression of text.expressions) {
        expression.rejection = samples.get(programOf(expression))?.rejectionOf(expression)
      }
    }
    return {
      texts,
      all: texts.flatMap(({ expressions }) => expressions),
      textAt: (path) => values.get(JSON.stringify(path)),
      sampleOf: (text) => samples.get(text)?.value,
    }
  })
}

/** The template whose rendering says what jq thinks of an expression. */
function programOf({ scope, text, filter }: LintedExpression): string {
  return scope === 'template' ? text.value : `{{${filter}}}`
}

interface Sample {
  value: Json | undefined
  rejectionOf: (expression: LintedExpression) => LintedExpression['rejection']
}

async function evaluate(
  texts: readonly LintedText[],
  pool: JqPool | undefined,
): Promise<ReadonlyMap<string, Sample>> {
  const programs = [...new Set(texts.flatMap(({ expressions }) => expressions).map(programOf))]
  if (programs.length === 0) return new Map()
  const { value, failures } = await renderTemplate(programs, SAMPLE, {
    timeout: 2_000,
    jqCompat: 'off',
    ...(pool && { pool }),
  })
  const values = Array.isArray(value) ? value : []
  const byIndex = new Map<string, ExpressionFailure[]>()
  for (const failure of failures) {
    byIndex.set(failure.path, [...(byIndex.get(failure.path) ?? []), failure])
  }
  return new Map(
    programs.map((program, index): [string, Sample] => {
      const failed = byIndex.get(itemPath('', index)) ?? []
      return [
        program,
        {
          value: failed.length === 0 ? values[index] : undefined,
          rejectionOf: ({ scope, filter, start }) => {
            const at = scope === 'template' ? start : 2
            const failure = failed.find(
              ({ kind, position }) =>
                kind === 'compile' && position.index >= at && position.index <= at + filter.length,
            )
            if (!failure) return undefined
            return { message: failure.message, index: failure.position.index - at + start }
          },
        },
      ]
    }),
  )
}

function collect(subject: Subject): LintedText[] {
  const texts: LintedText[] = []
  const { method, methodPath, trigger, triggerPath, userInputs, userInputsPath, isV1 } = subject
  if (method && !isV1) {
    for (const [key, value] of Object.entries(method)) {
      if (key !== 'type') collectTemplates(value, [...methodPath, key], texts)
    }
  }
  if (userInputs) collectQueries(userInputs, userInputsPath, texts)
  if (trigger.type === 'automation') {
    const { trigger: written } = subject.action
    const condition = isJsonObject(written) ? written.condition : undefined
    const programs = isJsonObject(condition) ? condition.expressions : undefined
    if (Array.isArray(programs)) {
      programs.forEach((program, index) => {
        const path = [...triggerPath, 'condition', 'expressions', index]
        if (typeof program === 'string') texts.push(programText('condition', program, path))
      })
    }
  }
  return texts
}

function collectTemplates(value: Json, path: Path, texts: LintedText[]): void {
  if (typeof value === 'string') texts.push(templateText(value, path, false))
  else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collectTemplates(item, [...path, index], texts)
    })
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key.includes('{{') || key.includes('}}')) {
        texts.push(templateText(key, [...path, key], true))
      }
      collectTemplates(item, [...path, key], texts)
    }
  }
}

const SPREAD = /^\s*\{\{\s*spreadValue\(\s*\)\s*\}\}\s*$/u

export function isSpread(key: string): boolean {
  return SPREAD.test(key)
}

function templateText(value: string, path: Path, isKey: boolean): LintedText {
  const text: LintedText = {
    path,
    isKey,
    value,
    mistake: undefined,
    expressions: [],
    isWhole: false,
    isProgram: false,
  }
  if (isKey && isSpread(value)) return text
  try {
    const { root, expressions } = compileTemplate(value)
    text.isWhole = root.type === 'expression'
    text.expressions = expressions.map(({ filter, start, inspection }) => ({
      scope: 'template',
      text,
      filter,
      start,
      ...readingOf(filter),
      rejection: undefined,
      inspection,
    }))
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const [problem] = error.problems
    text.mistake = { message: problem?.message ?? error.message, index: problem?.index ?? 0 }
  }
  return text
}

function readingOf(filter: string): Pick<LintedExpression, 'uses' | 'calls' | 'operators'> {
  const { paths, calls, operators } = readExpression(filter)
  return { uses: paths, calls, operators }
}

function programText(scope: Scope, program: string, path: Path): LintedText {
  const text: LintedText = {
    path,
    isKey: false,
    value: program,
    mistake: undefined,
    expressions: [],
    isWhole: true,
    isProgram: true,
  }
  // What the braces of a template would break is left alone.
  if (program.trim() === '' || /\{\{|\}\}/.test(program)) return text
  const [inspected] = templateText(`{{${program}}}`, path, false).expressions
  text.expressions = [
    {
      scope,
      text,
      filter: program,
      start: 0,
      ...readingOf(program),
      rejection: undefined,
      inspection: inspected?.inspection,
    },
  ]
  return text
}

/** The jq programs of a form: `{"jqQuery": "…"}` at any place of it. */
function collectQueries(value: Json, path: Path, texts: LintedText[]): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collectQueries(item, [...path, index], texts)
    })
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const at = [...path, key]
      if (key === 'jqQuery' && typeof item === 'string') texts.push(programText('form', item, at))
      else collectQueries(item, at, texts)
    }
  }
}

/** A path for people, relative to the action. */
export function shortPath(path: Path): string {
  return path.reduce<string>(
    (text, segment) =>
      typeof segment === 'number' ? itemPath(text, segment) : keyPath(text, segment),
    '',
  )
}
