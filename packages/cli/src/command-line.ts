import { Command } from 'commander'
import { dropNegativeSwitches } from './flags.ts'

/**
 * Commander, with the rule that a name that does not exist is refused before everything else: before help is shown,
 * before a flag is found to be missing, and before variables and files are read. Whoever mistypes a name first hears of
 * that.
 */
export class CommandLine extends Command {
  override createCommand(name?: string): CommandLine {
    return new CommandLine(name)
  }

  override parseOptions(argv: string[]): ReturnType<Command['parseOptions']> {
    const parsed = super.parseOptions(argv)
    if (this.parent === null) {
      const [first, ...others] = parsed.operands
      const isHelpCommand = first === 'help' && others.length > 0
      const operands = isHelpCommand ? others : parsed.operands
      const unknown = isHelpCommand ? ['--help'] : parsed.unknown
      // Without a request for help, Commander goes on to say that the command is unknown, and which one is like it.
      return { operands, unknown: this.#knows(operands) ? unknown : withoutHelp(unknown) }
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
    dropNegativeSwitches(this, process.env)
    return parsed
  }

  /** Whether each of these names is a command of the one before it, as far as commands have commands. */
  #knows(names: readonly string[]): boolean {
    let command: Command = this
    for (const name of names) {
      if (command.commands.length === 0) return true
      const next = command.commands.find((known) => known.name() === name)
      if (!next) return false
      command = next
    }
    return true
  }
}

function withoutHelp(given: readonly string[]): string[] {
  return given.filter((argument) => !isHelp(argument))
}

function isHelp(argument: string): boolean {
  return argument === '-h' || argument === '--help'
}
