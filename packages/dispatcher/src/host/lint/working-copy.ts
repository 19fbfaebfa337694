import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { parseSource, readSource, type Source } from '../documents.ts'
import type { GitFolder } from './git.ts'

/** Files of a repository: those on the disk, or those of another branch. */
export class WorkingCopy {
  readonly #folder: string
  readonly #at: { git: GitFolder; ref: string } | undefined

  constructor(folder: string, at?: { git: GitFolder; ref: string }) {
    this.#folder = folder
    this.#at = at
  }

  /** How people call it, if it is not the folder. */
  get place(): string | undefined {
    return this.#at && `the branch ${this.#at.ref.replace(/^refs\/(?:remotes|heads|tags)\//, '')}`
  }

  pathOf(path: string): string {
    return join(this.#folder, path)
  }

  nameOf(path: string): string {
    return `${this.#at?.ref ?? ''}:${path}`
  }

  /** The path within the repository. */
  #within(file: string): string {
    return relative(this.#folder, file).replaceAll('\\', '/')
  }

  async has(path: string): Promise<boolean> {
    if (this.#at) return (await this.#at.git.show(this.#at.ref, path)) !== undefined
    return await stat(this.pathOf(path)).then(
      (found) => found.isFile(),
      () => false,
    )
  }

  async list(folder: string): Promise<string[]> {
    if (this.#at) return await this.#at.git.list(this.#at.ref, folder)
    return await readdir(this.pathOf(folder)).catch(() => [])
  }

  /** @param file path from the working folder, as it is shown */
  async read(file: string, subject: string): Promise<Source> {
    if (!this.#at) return await readSource(file, subject, 'ci')
    const text = (await this.#at.git.show(this.#at.ref, this.#within(file))) ?? ''
    return await parseSource(text, file, subject, 'ci')
  }
}

/** A workflow lies in `.github/workflows` of its repository, a pipeline in its root. */
export function rootOf(file: string): string {
  const folder = dirname(file)
  return folder.endsWith(join('.github', 'workflows')) ? join(folder, '..', '..') : folder
}
