// What lint needs of a GitLab pipeline, read from its parsed YAML.
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import type { Path } from '../finding.ts'

export interface PipelineInput {
  name: string
  path: Path
  hasDefault: boolean
}

export interface PipelineJob {
  name: string
  path: Path
  /** With what it inherits from templates of the same file. */
  job: JsonObject
  /** Whether it inherits from something that is not in the file. */
  inheritsUnknown: boolean
}

export interface Pipeline {
  file: string
  /** The inputs of `spec:inputs`. */
  inputs: readonly PipelineInput[]
  /** Whether it has a header, without which GitLab replaces no `$[[ ]]`. */
  hasHeader: boolean
  jobs: readonly PipelineJob[]
  /** `workflow:rules`, and where they are. */
  rules: readonly Json[] | undefined
  rulesPath: Path
  /** Whether files or components are included whose jobs are not known. */
  includesUnknown: boolean
  /** Whether the component `report` of this project is included. */
  includesReport: boolean
  /** The file without its header. */
  own: JsonObject
  /** With what it includes of the same repository. */
  document: JsonObject
}

/** Keys of a pipeline that are not jobs. */
export const GLOBAL_KEYS: ReadonlySet<string> = new Set([
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  'spec',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
])

/**
 * @param documents of the file: a header with `spec`, if it has one, and the pipeline
 * @param included files of the same repository that pipelines include, by their paths
 * @returns undefined if it is not a pipeline
 */
export function readPipeline(
  file: string,
  documents: readonly Json[],
  included: ReadonlyMap<string, readonly Json[]> = new Map(),
): Pipeline | undefined {
  const header = documents.length > 1 ? documents[0] : undefined
  const main = documents.at(-1)
  if (!isJsonObject(main)) return undefined
  const { document, includes } = withIncluded(main, included)
  const { workflow } = document
  const rules = isJsonObject(workflow) ? workflow.rules : undefined
  return {
    file,
    inputs: readInputs(header),
    hasHeader: isJsonObject(header) && 'spec' in header,
    jobs: Object.entries(document).flatMap(([name, job]) => {
      if (GLOBAL_KEYS.has(name) || name.startsWith('.') || !isJsonObject(job)) return []
      return [{ name, path: [name], ...inherited(job, document) }]
    }),
    rules: Array.isArray(rules) ? rules : undefined,
    rulesPath: ['workflow', 'rules'],
    includesUnknown: includes.some((include) => !isOurComponent(include)),
    includesReport: includes.some((include) => isOurComponent(include, 'report')),
    own: main,
    document,
  }
}

function readInputs(header: Json | undefined): PipelineInput[] {
  const spec = isJsonObject(header) ? header.spec : undefined
  const inputs = isJsonObject(spec) ? spec.inputs : undefined
  if (!isJsonObject(inputs)) return []
  return Object.entries(inputs).map(([name, input]) => ({
    name,
    path: ['spec', 'inputs', name],
    hasDefault: isJsonObject(input) && input.default !== undefined,
  }))
}

/** The pipeline with the files that it includes, and what it includes beside them. What stands in the file itself wins. */
function withIncluded(
  main: JsonObject,
  files: ReadonlyMap<string, readonly Json[]>,
  depth = 0,
): { document: JsonObject; includes: Json[] } {
  let base: JsonObject = {}
  const left: Json[] = []
  for (const include of readIncludes(main.include)) {
    const path = localInclude(include)
    const document = path === undefined ? undefined : files.get(path)?.at(-1)
    if (!isJsonObject(document) || depth > 20) {
      left.push(include)
      continue
    }
    const inner = withIncluded(document, files, depth + 1)
    base = { ...base, ...inner.document }
    left.push(...inner.includes)
  }
  return { document: { ...base, ...main }, includes: left }
}

/** The path of a file of the same repository that a pipeline includes. */
export function localInclude(include: Json): string | undefined {
  const path = isJsonObject(include) ? include.local : include
  if (typeof path !== 'string' || /^https?:|[*$]/.test(path)) return undefined
  return path.replace(/^\.?\/+/, '')
}

export function readIncludes(include: Json | undefined): Json[] {
  if (include === undefined || include === null) return []
  return Array.isArray(include) ? include : [include]
}

function isOurComponent(include: Json, name = '(?:report|dispatch|lint)'): boolean {
  if (!isJsonObject(include) || typeof include.component !== 'string') return false
  return new RegExp(`/port-dispatch/${name}@`).test(include.component)
}

/** The job with the keys of the templates that it extends; a later one wins, as in GitLab. */
function inherited(
  job: JsonObject,
  document: JsonObject,
  depth = 0,
): Pick<PipelineJob, 'job' | 'inheritsUnknown'> {
  const { extends: names } = job
  if (names === undefined || names === null) return { job, inheritsUnknown: false }
  let inheritsUnknown = false
  let base: JsonObject = {}
  for (const name of Array.isArray(names) ? names : [names]) {
    const parent = typeof name === 'string' ? document[name] : undefined
    if (!isJsonObject(parent) || depth > 10) {
      inheritsUnknown = true
      continue
    }
    const found = inherited(parent, document, depth + 1)
    inheritsUnknown ||= found.inheritsUnknown
    base = { ...base, ...found.job }
  }
  return { job: { ...base, ...job }, inheritsUnknown }
}

/** Whether something in the pipeline may report to the run in Port: the component, our command, or a call of Port's API. */
export function pipelineReports({ includesReport, includesUnknown, document }: Pipeline): boolean {
  if (includesReport || includesUnknown) return true
  const text = JSON.stringify(document)
  return /port-dispatch|actions\/runs|getport\.io|api\.port\.io|"trigger":/i.test(text)
}
