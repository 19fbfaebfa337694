import { basename } from 'node:path'
import { InputError, isJsonObject, type Json } from '@port-dispatch/core'
import {
  methodFields,
  readPipeline,
  readWorkflow,
  type Subject,
  startedBy,
  type Target,
} from '@port-dispatch/core/lint'
import { readSource, type Source } from '../documents.ts'
import { readCiFile } from './ci-file.ts'
import { GitFolder } from './git.ts'
import { rootOf, WorkingCopy } from './working-copy.ts'

export interface TargetOptions {
  /** The working copy of the repository whose workflows and pipeline actions start. */
  repo?: string | undefined
  /** One workflow file. */
  workflow?: string | undefined
  /** One pipeline file. */
  pipeline?: string | undefined
}

const WORKFLOWS = '.github/workflows'
const PIPELINE = '.gitlab-ci.yml'

/** Finds and reads what actions start, each file once. */
export class Targets {
  readonly #options: TargetOptions
  readonly #onRead: (source: Source) => void
  readonly #git: GitFolder | undefined
  readonly #read = new Map<string, Promise<Target | undefined>>()
  /** The project of the pipeline that was given, by the actions that start one. */
  #project: string | undefined
  /** The workflows that actions start, as they name them. */
  readonly #workflows = new Set<string>()

  /** @param onRead gets each file that findings can be about */
  constructor(options: TargetOptions, onRead: (source: Source) => void) {
    this.#options = options
    this.#onRead = onRead
    this.#git = options.repo === undefined ? undefined : new GitFolder(options.repo)
  }

  /**
   * What an action starts; undefined if that is somewhere else, or if it cannot be told.
   *
   * @throws InputError if the file is not a workflow or a pipeline
   */
  async find(subject: Subject): Promise<Target | undefined> {
    const started = startedBy(subject)
    if (started === undefined) return undefined
    return started === 'workflow'
      ? await this.#workflowOf(subject)
      : await this.#pipelineOf(subject)
  }

  /**
   * Once all targets have been found.
   *
   * @throws InputError if a file was given that cannot be read, or that no action starts: it was compared with nothing
   */
  async refuseUnused(): Promise<void> {
    const { workflow, pipeline } = this.#options
    const kinds = [
      { kind: 'workflow', file: workflow, names: [...this.#workflows] },
      { kind: 'pipeline', file: pipeline, names: [] },
    ]
    for (const { kind, file, names } of kinds) {
      if (file === undefined || this.#read.has(file)) continue
      // A misspelled path is the nearer cause.
      await readSource(file, `The ${kind}`, 'ci')
      throw new InputError(`The ${kind} was not compared with any action:`, [
        {
          path: file,
          found: `no action here starts a ${kind} of this name`,
          ...(names.length > 0 && { expected: names.join(', ') }),
          advice: `Give the ${kind} that the action names, or the action that names it`,
        },
      ])
    }
  }

  async #workflowOf(subject: Subject): Promise<Target | undefined> {
    const { workflow: name, org, repo } = methodFields(subject)
    if (isConstant(name)) this.#workflows.add(name)
    if (this.#options.workflow !== undefined) {
      const file = this.#options.workflow
      if (isConstant(name) && basename(file) !== name) return undefined
      return await this.#once(file, () => this.#readWorkflow(new WorkingCopy(rootOf(file)), file))
    }
    if (this.#options.repo === undefined || !isConstant(name) || !/\.ya?ml$/.test(name))
      return undefined
    const remote = await this.#git?.remote()
    const isSame = compare(remote, [org, repo])
    if (isSame === false) return undefined
    const copy = await this.#copyAt(refOf(subject))
    const path = `${WORKFLOWS}/${name}`
    return await this.#once(copy.nameOf(path), async () => {
      if (await copy.has(path)) return await this.#readWorkflow(copy, copy.pathOf(path))
      const existing = await copy.list(WORKFLOWS)
      // Somewhere without any workflow is another repository.
      if (existing.length === 0 && isSame !== true) return undefined
      return {
        type: 'missing',
        file: path,
        place: copy.place ?? remote ?? this.#options.repo ?? '',
        existing: existing.filter((file) => /\.ya?ml$/.test(file)),
        isCertain: isSame === true,
      }
    })
  }

  async #pipelineOf(subject: Subject): Promise<Target | undefined> {
    const { groupName, projectName, project } = methodFields(subject)
    const named = projectName === undefined ? [project] : [groupName, projectName]
    if (this.#options.pipeline !== undefined) {
      const text = named.join('/')
      this.#project ??= text
      if (this.#project !== text) {
        throw new InputError('It is unknown which actions start this pipeline:', [
          {
            path: this.#options.pipeline,
            found: `actions start pipelines of ${this.#project} and of ${text}`,
            advice: 'Lint the actions of one project: FILE#identifier',
          },
        ])
      }
      const file = this.#options.pipeline
      return await this.#once(file, () => this.#readPipeline(new WorkingCopy(rootOf(file)), file))
    }
    if (this.#options.repo === undefined) return undefined
    const remote = await this.#git?.remote()
    const isSame = typeof project === 'number' ? undefined : compare(remote, named)
    if (isSame === false) return undefined
    const copy = await this.#copyAt(refOf(subject))
    return await this.#once(copy.nameOf(PIPELINE), async () => {
      if (await copy.has(PIPELINE)) return await this.#readPipeline(copy, copy.pathOf(PIPELINE))
      // A project can have its pipeline under another path.
      if (isSame !== true) return undefined
      const place = copy.place ?? remote ?? ''
      return { type: 'missing', file: PIPELINE, place, existing: [], isCertain: false }
    })
  }

  #once(name: string, read: () => Promise<Target | undefined>): Promise<Target | undefined> {
    const known = this.#read.get(name) ?? read()
    this.#read.set(name, known)
    return known
  }

  /** The files of the branch that an action names, or those that are checked out. */
  async #copyAt(ref: string | undefined): Promise<WorkingCopy> {
    const folder = this.#options.repo ?? '.'
    const git = this.#git
    const name = ref === undefined ? undefined : await git?.otherRef(ref)
    if (!git || name === undefined) return new WorkingCopy(folder)
    return new WorkingCopy(folder, { git, ref: name })
  }

  async #readWorkflow(copy: WorkingCopy, file: string): Promise<Target> {
    const { source, documents, called } = await readCiFile(copy, file, 'The workflow')
    this.#onRead(source)
    const workflow = readWorkflow(source.name, documents[0] ?? null, called)
    if (!workflow) throw notA(source.name, 'workflow', 'an object with jobs')
    return { type: 'workflow', workflow }
  }

  async #readPipeline(copy: WorkingCopy, file: string): Promise<Target> {
    const { source, documents, included } = await readCiFile(copy, file, 'The pipeline')
    this.#onRead(source)
    const pipeline = readPipeline(source.name, documents, included)
    if (!pipeline) throw notA(source.name, 'pipeline', 'an object with jobs')
    return { type: 'pipeline', pipeline }
  }
}

function refOf(subject: Subject): string | undefined {
  const { ref, defaultRef, workflowInputs } = methodFields(subject)
  const inputs = isJsonObject(workflowInputs) ? workflowInputs.ref : undefined
  const named = subject.methodType === 'GITHUB' ? inputs : (defaultRef ?? ref)
  return isConstant(named) ? named : undefined
}

function isConstant(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('{{')
}

/** Whether names are those of a repository. Undefined if that is not known. */
function compare(
  remote: string | undefined,
  names: readonly (Json | undefined)[],
): boolean | undefined {
  if (remote === undefined) return undefined
  const known = names.filter(isConstant)
  // Placeholders of a template that is filled in later.
  if (known.length === 0 || known.some((name) => /[<>]/.test(name))) return undefined
  const named = known.join('/').toLowerCase()
  const path = remote.toLowerCase()
  if (path === named || path.endsWith(`/${named}`))
    return known.length === names.length || undefined
  return false
}

function notA(file: string, what: string, expected: string): InputError {
  return new InputError(`The ${what} is not valid:`, [
    { path: file, found: `is not a ${what}`, expected },
  ])
}
