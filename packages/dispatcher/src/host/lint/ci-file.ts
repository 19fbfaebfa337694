import { isJsonObject, type Json } from '@port-dispatch/core'
import { localInclude, localPath, readIncludes } from '@port-dispatch/core/lint'
import type { Source } from '../documents.ts'
import { rootOf, WorkingCopy } from './working-copy.ts'

/** A workflow or a pipeline, with what it uses of its own repository. */
export interface CiFile {
  source: Source
  documents: readonly Json[]
  /** The workflows and actions that it calls, by path. */
  called: ReadonlyMap<string, Json>
  /** The files that it includes, by path. */
  included: ReadonlyMap<string, readonly Json[]>
}

/**
 * Reads a workflow or a pipeline that lies in its repository.
 *
 * @throws InputError if it cannot be read or is not YAML
 */
export async function openCiFile(file: string, subject: string): Promise<CiFile> {
  return await readCiFile(new WorkingCopy(rootOf(file)), file, subject)
}

/**
 * @param file path from the working folder
 * @param subject what it is read as: `The workflow`
 * @throws InputError if it cannot be read or is not YAML
 */
export async function readCiFile(
  copy: WorkingCopy,
  file: string,
  subject: string,
): Promise<CiFile> {
  const source = await copy.read(file, subject)
  const documents = asList(source.value)
  const called = new Map<string, Json>()
  await collectCalled(documents[0], copy, called)
  const included = new Map<string, readonly Json[]>()
  await collectIncluded(documents.at(-1), copy, included)
  return { source, documents, called, included }
}

function asList(value: unknown): Json[] {
  return (Array.isArray(value) ? value : [value]) as Json[]
}

/** The workflows and actions of the same repository that a workflow calls, and what they call. */
async function collectCalled(
  document: Json | undefined,
  copy: WorkingCopy,
  called: Map<string, Json>,
): Promise<void> {
  for (const uses of usesIn(document)) {
    const path = localPath(uses)
    if (path === undefined || called.has(path)) continue
    const files = /\.ya?ml$/.test(path) ? [path] : [`${path}/action.yml`, `${path}/action.yaml`]
    for (const file of files) {
      if (!(await copy.has(file))) continue
      const [found] = asList((await copy.read(copy.pathOf(file), 'The action')).value)
      called.set(path, found ?? null)
      await collectCalled(found, copy, called)
    }
  }
}

function usesIn(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(usesIn)
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'uses' && typeof item === 'string' ? [item.trim()] : usesIn(item),
  )
}

async function collectIncluded(
  document: Json | undefined,
  copy: WorkingCopy,
  included: Map<string, readonly Json[]>,
): Promise<void> {
  for (const include of readIncludes(isJsonObject(document) ? document.include : undefined)) {
    const path = localInclude(include)
    if (path === undefined || included.has(path) || !(await copy.has(path))) continue
    const documents = asList((await copy.read(copy.pathOf(path), 'The pipeline')).value)
    included.set(path, documents)
    await collectIncluded(documents.at(-1), copy, included)
  }
}
