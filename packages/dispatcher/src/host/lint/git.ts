import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** A working copy, as far as git is there to ask. */
export class GitFolder {
  readonly #folder: string
  #remote: Promise<string | undefined> | undefined
  readonly #refs = new Map<string, Promise<string | undefined>>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Path of the repository on its server: `acme/services`. Undefined if it has no remote. */
  async remote(): Promise<string | undefined> {
    const url = await this.remoteUrl()
    return url && repositoryOf(url)
  }

  /** Where `origin` is, as git has it. */
  remoteUrl(): Promise<string | undefined> {
    this.#remote ??= this.#run('remote', 'get-url', 'origin')
    return this.#remote
  }

  /** The name by which git knows a branch or tag of the server, if it is not the one that is checked out. */
  otherRef(ref: string): Promise<string | undefined> {
    const known = this.#refs.get(ref) ?? this.#findRef(ref)
    this.#refs.set(ref, known)
    return known
  }

  async #findRef(ref: string): Promise<string | undefined> {
    const short = ref.replace(/^refs\/(?:heads|tags)\//, '')
    if ((await this.#run('symbolic-ref', '--short', 'HEAD')) === short) return undefined
    for (const name of [
      `refs/remotes/origin/${short}`,
      `refs/heads/${short}`,
      `refs/tags/${short}`,
    ]) {
      if (await this.#run('rev-parse', '--verify', '--quiet', `${name}^{commit}`)) return name
    }
    return undefined
  }

  /** Text of a file at a ref. */
  async show(ref: string, path: string): Promise<string | undefined> {
    return await this.#run('show', `${ref}:${path}`)
  }

  /** Names of the files in a folder at a ref. */
  async list(ref: string, folder: string): Promise<string[]> {
    const text = await this.#run('ls-tree', '--name-only', `${ref}:${folder}`)
    return text?.split('\n').filter(Boolean) ?? []
  }

  async #run(...args: string[]): Promise<string | undefined> {
    if (!existsSync(join(this.#folder, '.git'))) return undefined
    try {
      const { stdout } = await promisify(execFile)('git', args, {
        cwd: this.#folder,
        maxBuffer: 10_000_000,
        env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
      })
      return args[0] === 'show' ? stdout : stdout.trim()
    } catch {
      // No git, no remote, no such ref: it is not known.
      return undefined
    }
  }
}

/** `git@github.com:acme/services.git` and `https://github.com/acme/services` are `acme/services`. */
export function repositoryOf(url: string): string | undefined {
  const [, path] = /^(?:\w+:\/\/[^/]+\/|[^/:]+:)(.+?)(?:\.git)?\/?$/.exec(url.trim()) ?? []
  return path
}

/** A repository on its server. */
export interface Remote {
  /** `acme/services` */
  path: string
  /** `https://gitlab.example.com`; undefined if it is a path of this machine. */
  serverUrl: string | undefined
}

/** The remote `origin` of the repository that holds a file. */
export async function remoteOf(file: string): Promise<Remote | undefined> {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const url = await new GitFolder(folder).remoteUrl()
    const path = url && repositoryOf(url)
    if (url && path) return { path, serverUrl: serverOf(url) }
    if (folder === dirname(folder) || existsSync(join(folder, '.git'))) return undefined
  }
}

/** `git@github.com:acme/services.git` and `ssh://git@github.com:22/acme/services` are on `https://github.com`. */
function serverOf(url: string): string | undefined {
  const [, host] = /^(?:\w+:\/\/)?(?:[^/@]+@)?([\w.-]+)(?=[:/])/.exec(url.trim()) ?? []
  return host?.includes('.') ? `https://${host}` : undefined
}
