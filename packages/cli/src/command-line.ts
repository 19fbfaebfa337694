import { suggest } from '@port-dispatch/core/text'
import { Command, type Option } from 'commander'
import { calledAs } from './called-as.ts'
import { dropNegativeSwitches } from './flags.ts'

/** The flags whose file people give without the flag, most important first. */
const FILE_FLAGS = ['--action', '--context', '--from', '--body', '--config']

/**
 * Commander, with two rules of its own. What was typed wrongly is refused before everything else: before help is shown,
 * before a flag is found to be missing, and before variables and files are read. And the message says what to type
 * instead, if that can be seen: a name or value that is like it, a flag that belongs after the command, or a flag that is
 * missing before a file.
 */
export class CommandLine extends Command {
  /** What stands before the first flag, as the program that parses it first has found it. */
  #leading: readonly string[] = []

  override createCommand(name?: string): CommandLine {
    return new CommandLine(name)
  }

  override parseOptions(argv: string[]): ReturnType<Command['parseOptions']> {
    const parsed = super.parseOptions(argv)
    if (this.parent === null) {
      this.#refuseLeadingFlag(parsed)
      const [first, ...others] = parsed.operands
      const isHelpCommand = first === 'help' && others.length > 0
      const operands = isHelpCommand ? others : parsed.operands
      const unknown = isHelpCommand ? ['--help'] : parsed.unknown
      const { command, rest } = this.#find(operands)
      command.#leading = rest
      // Without a request for help, Commander goes on to say that the command is unknown, and which one is like it.
      const isKnown = command.commands.length === 0 || rest.length === 0
      return { operands, unknown: isKnown ? unknown : withoutHelp(unknown) }
    }
    if (this.commands.length > 0) return parsed
    if (parsed.unknown.some((argument) => argument.startsWith('-') && !isHelp(argument))) {
      // Without these, the next thing that Commander checks is the unknown flag.
      for (const option of this.options) {
        option.mandatory = false
        delete option.envVar
      }
      return { ...parsed, unknown: withoutHelp(parsed.unknown) }
    }
    if (!parsed.unknown.some(isHelp)) this.#refuseExcess([...this.#leading, ...parsed.operands])
    dropNegativeSwitches(this, process.env)
    return parsed
  }

  override error(message: string, options?: Parameters<Command['error']>[1]): never {
    const said = message.replace(
      /^error: command-argument value ('.*?') is invalid for argument ('.*?')\./s,
      'error: $1 is not a valid $2.',
    )
    const meant = /\(Did you mean/.test(said) ? undefined : this.#meantBy(said)
    this.showHelpAfterError(`Run ${this.#path()} --help to see how it is used.`)
    return super.error(meant === undefined ? said : `${said}\n(Did you mean ${meant}?)`, options)
  }

  /** What an error of Commander, which has no suggestion, may have been meant to be. */
  #meantBy(message: string): string | undefined {
    const [, flag] = /^error: unknown option '-(\w[\w-]*)/.exec(message) ?? []
    if (flag !== undefined) return this.#flagLike(flag)
    const [, value, choices] =
      /'([^']*)'(?: from env '\w+')? is (?:invalid|not a valid '\w+')\. Allowed choices are (.*)\.$/s.exec(
        message,
      ) ?? []
    return value === undefined ? undefined : suggest(value, choices?.split(', ') ?? [])
  }

  /** Flags with one dash that should have two, or in the wrong case. */
  #flagLike(name: string): string | undefined {
    const flags = [...this.options, ...(this.parent?.options ?? [])]
    return (
      flags.find(({ long }) => long === `--${name}`)?.long ??
      flags.find(({ short }) => short?.toLowerCase() === `-${name.toLowerCase()}`)?.short
    )
  }

  #path(): string {
    const names: string[] = []
    for (let command: Command | null = this; command?.parent; command = command.parent)
      names.unshift(command.name())
    return [calledAs(process.env), ...names].join(' ')
  }

  /** Flags belong to a command, and follow it. */
  #refuseLeadingFlag({ operands, unknown }: ReturnType<Command['parseOptions']>): void {
    const [flag = ''] = unknown
    if (operands.length > 0 || !flag.startsWith('-') || isHelp(flag)) return
    const name = unknown.find((argument) => this.#find([argument]).rest.length === 0) ?? ''
    const { command } = this.#find([name])
    const plain = flag.replace(/=.*/s, '')
    if (!command.options.some(({ long, short }) => long === plain || short === plain)) return
    const at = unknown.indexOf(name)
    const typed = [name, ...unknown.slice(0, at), ...unknown.slice(at + 1)].join(' ')
    this.error(
      `error: the option '${flag}' belongs after the command\n(Did you mean ${calledAs(process.env)} ${typed}?)`,
    )
  }

  #refuseExcess(operands: readonly string[]): void {
    const { length } = this.registeredArguments
    const excess = operands[length]
    if (excess === undefined || this.registeredArguments[length - 1]?.variadic) return
    const meant = this.#flagBefore(excess)
    this.error(
      `error: unexpected argument '${excess}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`,
    )
  }

  /** What an argument without a flag may have been meant to be. */
  #flagBefore(argument: string): string | undefined {
    // A word processor makes a dash of two hyphens.
    const dashed = /^[\u2013\u2014](\w[\w-]*)/.exec(argument)?.[1]
    if (dashed !== undefined) return this.#flagLike(dashed)
    const isFree = (option: Option | undefined): option is Option =>
      option !== undefined && this.getOptionValueSource(option.attributeName()) !== 'cli'
    const option = FILE_FLAGS.map((flag) => this.options.find(({ long }) => long === flag)).find(
      isFree,
    )
    return option && `${option.long} ${argument}`
  }

  /** Follows names to the command that they lead to. */
  #find(names: readonly string[]): { command: CommandLine; rest: readonly string[] } {
    const [name, ...rest] = names
    const next = this.commands.find((known) => known.name() === name)
    return next instanceof CommandLine ? next.#find(rest) : { command: this, rest: names }
  }
}

function withoutHelp(given: readonly string[]): string[] {
  return given.filter((argument) => !isHelp(argument))
}

function isHelp(argument: string): boolean {
  return argument === '-h' || argument === '--help'
}
