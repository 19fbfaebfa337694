import { InputError, type Problem } from '@port-dispatch/core'
import { suggest } from '@port-dispatch/core/text'
import { listOf, parseDuration } from '@port-dispatch/dispatcher/host'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads variables by one of several names, ours first, and keeps every problem for one message. An empty variable is
 * one that is not set.
 */
export class Variables {
  readonly problems: Problem[] = []
  readonly #env: Environment
  readonly #read = new Set<string>()

  constructor(env: Environment) {
    this.#env = env
  }

  /** The first of the names that is set, and its value. */
  find(...names: string[]): { name: string; value: string } | undefined {
    for (const name of names) this.#read.add(name)
    for (const name of names) {
      const value = this.#env[name]?.trim()
      if (value) return { name, value }
    }
    return undefined
  }

  /**
   * Variables that are set and that nobody reads, and what may be meant by each: its author believes that they count. What
   * resembles none of those that are read, such as what Kubernetes sets, is somebody else's.
   *
   * @param prefixes what the names of ours begin with
   * @param others variables that are read elsewhere
   */
  misspelt(
    prefixes: readonly string[],
    others: readonly string[],
  ): { name: string; meant: string }[] {
    const known = new Set([...this.#read, ...others])
    return Object.keys(this.#env).flatMap((name) => {
      const prefix = prefixes.find((begin) => name.startsWith(begin))
      if (prefix === undefined || known.has(name) || !this.#env[name]?.trim()) return []
      const ends = [...known].flatMap((one) =>
        one.startsWith(prefix) ? [one.slice(prefix.length)] : [],
      )
      const meant = suggest(name.slice(prefix.length), ends)
      return meant === undefined ? [] : [{ name, meant: prefix + meant }]
    })
  }

  text(...names: string[]): string | undefined {
    return this.find(...names)?.value
  }

  list(...names: string[]): string[] {
    return listOf(this.text(...names) ?? '')
  }

  /** @param spellings what each value can be called, in lower case */
  choice<const Value extends string>(
    spellings: Readonly<Record<Value, readonly string[]>>,
    ...names: string[]
  ): Value | undefined {
    const found = this.find(...names)
    if (!found) return undefined
    const entries = Object.entries(spellings) as [Value, readonly string[]][]
    const known = entries.find(([, words]) => words.includes(found.value.toLowerCase()))
    if (known) return known[0]
    this.refuse(
      found.name,
      `found ${JSON.stringify(found.value)}`,
      entries.flatMap(([, words]) => words).join(', '),
    )
    return undefined
  }

  flag(...names: string[]): boolean | undefined {
    // All that Port's agent takes.
    const words = {
      yes: ['true', '1', 'yes', 'on', 't', 'y'],
      no: ['false', '0', 'no', 'off', 'f', 'n'],
    }
    const found = this.choice(words, ...names)
    return found && found === 'yes'
  }

  count(range: { min: number; max?: number }, ...names: string[]): number | undefined {
    const found = this.find(...names)
    if (!found) return undefined
    const { min, max = Number.MAX_SAFE_INTEGER } = range
    const value = Number(found.value)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    const upTo = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`
    this.refuse(found.name, `found ${JSON.stringify(found.value)}`, `a whole number, ${upTo}`)
    return undefined
  }

  /** @returns milliseconds; a bare number is in seconds */
  duration(...names: string[]): number | undefined {
    const found = this.find(...names)
    if (!found) return undefined
    const value = parseDuration(found.value)
    if (value !== undefined && value > 0) return value
    this.refuse(
      found.name,
      `found ${JSON.stringify(found.value)}`,
      'a time span such as 30s, 5m or 1h',
    )
    return undefined
  }

  /** `HOST:PORT`, `:PORT` or `PORT`. */
  address(
    otherwise: { host: string; port: number },
    ...names: string[]
  ): { host: string; port: number } {
    const found = this.find(...names)
    if (!found) return otherwise
    const [, host = '', port = ''] = /^(?:([^\s/]*):)?(\d{1,5})$/.exec(found.value) ?? []
    if (port !== '' && Number(port) <= 65_535) {
      return { host: host.replace(/^\[(.*)\]$/, '$1') || otherwise.host, port: Number(port) }
    }
    this.refuse(
      found.name,
      `found ${JSON.stringify(found.value)}`,
      'an address such as 0.0.0.0:8080',
    )
    return otherwise
  }

  required(advice: string, ...names: string[]): string {
    const value = this.text(...names)
    if (value === undefined) {
      this.problems.push({ path: names[0] ?? '', found: 'is missing', missing: true, advice })
    }
    return value ?? ''
  }

  /** What a variable is read as. @returns undefined if that fails, which is noted */
  attempt<T>(
    parse: () => T,
    { name, found, expected }: { name: string; found: string; expected: string },
  ): T | undefined {
    try {
      return parse()
    } catch {
      this.refuse(name, found, expected)
      return undefined
    }
  }

  refuse(name: string, found: string, expected?: string): void {
    this.problems.push({ path: name, found, ...(expected !== undefined && { expected }) })
  }

  /** @throws InputError with everything that is wrong */
  check(): void {
    if (this.problems.length > 0) throw new InputError('The settings are not valid:', this.problems)
  }
}
