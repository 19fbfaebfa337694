import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError, type Json } from '@port-dispatch/core'
import {
  type ActionFile,
  type Finding,
  holdsActions,
  type LintConfig,
  lint,
  parseLintConfig,
} from '@port-dispatch/core/lint'
import type { JqPool } from '@port-dispatch/core/template'
import { readSource, type Source } from '../documents.ts'
import { type Suppression, suppressionsIn } from './suppressions.ts'
import { type TargetOptions, Targets } from './targets.ts'

export interface LintRequest extends TargetOptions {
  /** Files, folders, or `-`; `FILE#identifier` is one action of a file with several. */
  actions: readonly string[]
  /** Path of a `port-dispatch.yml`. Default: the one in the working folder or in the repository, if there is one. */
  config?: string | undefined
  pool?: JqPool
}

export interface LintedFiles {
  /** In the order of the files and of the lines, with their positions. */
  findings: Finding[]
  /** Every file with findings, by the name that findings give. */
  sources: ReadonlyMap<string, Source>
  /** How many actions were looked at. */
  actions: number
  /** How many findings a comment or the configuration takes back. */
  suppressed: number
}

/**
 * Lints action definitions and the workflows and pipelines that they start.
 *
 * @throws InputError if a file cannot be read or parsed, or if no action is there
 */
export async function lintFiles(request: LintRequest): Promise<LintedFiles> {
  const { repo } = request
  if (repo !== undefined && !(await isFolder(repo))) {
    throw new InputError('The repository cannot be read:', [
      { path: repo, found: 'there is no such folder' },
    ])
  }
  const config = await loadConfig(request)
  const given = await Promise.all(request.actions.map(readActions))
  const files = given.flat()
  const sources = new Map(files.map(({ source }) => [source.name, source]))
  const targets = new Targets(request, (source) => void sources.set(source.name, source))
  const { findings, actions } = await lint(
    files.map(({ source, document }): ActionFile => ({ file: source.name, document })),
    {
      targetOf: (subject) => targets.find(subject),
      config,
      ...(request.pool && { pool: request.pool }),
    },
  )
  if (actions === 0) {
    throw new InputError('There is nothing to lint:', [
      {
        path: request.actions.join(' '),
        found: 'holds no action',
        expected: 'action definitions, as JSON or YAML',
      },
    ])
  }
  await targets.refuseUnused()
  const placed = await Promise.all(findings.map((finding) => place(finding, sources)))
  return { ...(await suppress(placed, sources)), sources, actions }
}

interface Given {
  source: Source
  /** What of the file is linted. */
  document: Json
}

async function readActions(argument: string): Promise<Given[]> {
  if (argument !== '-' && (await isFolder(argument))) return await readFolder(argument)
  const { file, identifier } = await splitFragment(argument)
  const source = await readSource(file, 'The action')
  const document = source.value as Json
  if (identifier === undefined) return [{ source, document }]
  return [{ source, document: only(document, identifier, file) }]
}

/** The actions of a folder: other files, such as contexts, are passed over. */
async function readFolder(folder: string): Promise<Given[]> {
  const names = await readdir(folder, { recursive: true })
  const files = names
    .filter(
      (name) => /\.(?:jsonc?|ya?ml)$/i.test(name) && !/(?:^|[/\\])(?:node_modules|\.\w)/.test(name),
    )
    .sort()
  const read = await Promise.all(files.map((name) => tryRead(join(folder, name))))
  return read.flatMap((source) =>
    source && holdsActions(source.value) ? [{ source, document: source.value as Json }] : [],
  )
}

/** A file of a folder that cannot be read is none of the actions, unless it looks like one. */
async function tryRead(file: string): Promise<Source | undefined> {
  try {
    return await readSource(file, 'The action')
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const { readText } = await import('../documents/read-text.ts')
    const text = await readText(file)
    if (text.type === 'value' && /["']?invocationMethod["']?\s*:/.test(text.value)) throw error
    return undefined
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // What is wrong is found again, and named, when it is read.
    return false
  }
}

/** A file whose own name holds a `#` is meant as it is. */
async function splitFragment(argument: string): Promise<{ file: string; identifier?: string }> {
  const at = argument.lastIndexOf('#')
  if (at < 1) return { file: argument }
  try {
    await stat(argument)
    return { file: argument }
  } catch {
    return { file: argument.slice(0, at), identifier: argument.slice(at + 1) }
  }
}

/** The document with null in place of all actions but one, so that paths stay true. */
function only(document: Json, identifier: string, file: string): Json {
  const isMeant = (item: Json) =>
    typeof item === 'object' &&
    item !== null &&
    !Array.isArray(item) &&
    item.identifier === identifier
  const pick = (items: readonly Json[]) => items.map((item) => (isMeant(item) ? item : null))
  if (isMeant(document)) return document
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
  const list = Array.isArray(document) ? document : isObject ? document.actions : undefined
  if (Array.isArray(list) && list.some(isMeant)) {
    return Array.isArray(document) ? pick(list) : { actions: pick(list) }
  }
  if (isObject && document.action !== undefined && isMeant(document.action)) return document
  throw new InputError('There is nothing to lint:', [
    { path: file, found: `holds no action ${JSON.stringify(identifier)}` },
  ])
}

const CONFIG_NAMES = ['port-dispatch.yml', 'port-dispatch.yaml', 'port-dispatch.json']

async function loadConfig({ config, repo }: LintRequest): Promise<LintConfig> {
  const path = config ?? (await findConfig(repo))
  if (path === undefined) return {}
  const { value, name } = await readSource(path, 'The configuration')
  const isObject = typeof value === 'object' && value !== null && 'lint' in value
  return parseLintConfig(isObject ? value.lint : undefined, `The configuration ${name}`)
}

async function findConfig(repo: string | undefined): Promise<string | undefined> {
  for (const folder of ['', ...(repo === undefined ? [] : [repo])]) {
    for (const name of CONFIG_NAMES) {
      const path = join(folder, name)
      const isThere = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      )
      if (isThere) return path
    }
  }
  return undefined
}

async function place(finding: Finding, sources: ReadonlyMap<string, Source>): Promise<Finding> {
  const { path, isKey, span } = finding
  const position = await sources.get(finding.file)?.positionOf({ path, isKey, span })
  return position ? { ...finding, position } : finding
}

async function suppress(
  findings: readonly Finding[],
  sources: ReadonlyMap<string, Source>,
): Promise<{ findings: Finding[]; suppressed: number }> {
  const comments = new Map<string, readonly Suppression[]>()
  for (const [name, { text }] of sources) comments.set(name, suppressionsIn(text))
  const left = findings.filter(({ rule, file, position }) =>
    (comments.get(file) ?? []).every(
      ({ rules, line }) => !rules.includes(rule) || (line !== undefined && line !== position?.line),
    ),
  )
  const order = [...sources.keys()]
  const lineOf = ({ position }: Finding) => position?.line ?? 0
  const sorted = left.toSorted(
    (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || lineOf(a) - lineOf(b),
  )
  return { findings: sorted, suppressed: findings.length - left.length }
}
