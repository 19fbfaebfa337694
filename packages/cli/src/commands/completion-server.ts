import type { Command, Option } from 'commander'
import type { Terminal } from '../terminal.ts'

/** Something that can follow on the command line. */
interface Candidate {
  name: string
  description?: string
}

/**
 * `port-dispatch completion-server -- WORDS…`: what a completion script calls. The words are the command line as far as
 * it is written; `SHELL`, `COMP_CWORD`, `COMP_LINE` and `COMP_POINT` say which of them the cursor is on.
 */
export function configure(
  command: Command,
  terminal: Terminal,
  createProgram: (called: readonly string[], terminal: Terminal) => Promise<Command>,
): void {
  command.argument('[words...]').action(async (words: string[]) => {
    const { default: tabtab } = await import('@pnpm/tabtab')
    const shell = tabtab.getShellFromEnv(process.env)
    const { words: index, partial } = tabtab.parseEnv(process.env)
    // fish counts the words, without the one that has not begun.
    const at = shell !== 'fish' ? index : words.length - (/\s$/.test(partial) ? 0 : 1)
    const candidates = candidatesFor(
      await createProgram(words.slice(1, at), terminal),
      words.slice(1, at),
      words[at] ?? '',
    )
    if (candidates === 'files') tabtab.logFiles()
    else tabtab.log(candidates, shell, (line) => terminal.output(line))
  })
}

/**
 * What can stand at the cursor.
 *
 * @param before the words before it, without the name of the program
 * @param current the word that it is on, as far as it is written
 */
function candidatesFor(
  program: Command,
  before: readonly string[],
  current: string,
): Candidate[] | 'files' {
  const { command, pending } = follow(program, before)
  const flag = /^(--[^=]+)=/.exec(current)?.[1]
  const flagBefore = pending ?? (flag === undefined ? undefined : optionOf(command, flag))
  const startsWith = (start: string) => (candidate: Candidate) => candidate.name.startsWith(start)
  if (flagBefore) {
    const prefix = pending ? '' : `${flag}=`
    const choices = (flagBefore.argChoices ?? []).map((choice) => ({ name: prefix + choice }))
    return choices.length > 0 ? choices.filter(startsWith(current)) : 'files'
  }
  if (current.startsWith('-')) return flagsOf(command).filter(startsWith(current))
  const subcommands = command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => ({ name: sub.name(), description: sub.description() }))
  if (subcommands.length > 0) return subcommands.filter(startsWith(current))
  const [argument] = command.registeredArguments
  if (!argument) return flagsOf(command)
  const choices = (argument.argChoices ?? []).map((name) => ({ name }))
  return choices.length > 0 ? choices.filter(startsWith(current)) : 'files'
}

/** The command that the words name, and the flag whose value comes next. */
function follow(
  program: Command,
  words: readonly string[],
): { command: Command; pending: Option | undefined } {
  let command = program
  let pending: Option | undefined
  for (const word of words) {
    if (pending) {
      pending = undefined
      continue
    }
    const option = optionOf(command, word)
    if (option?.required) pending = option
    else command = command.commands.find((known) => known.name() === word) ?? command
  }
  return { command, pending }
}

function optionOf({ options }: Command, flag: string): Option | undefined {
  return options.find(({ long, short }) => flag === long || flag === short)
}

function flagsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ name: long, description }] : []))
}
