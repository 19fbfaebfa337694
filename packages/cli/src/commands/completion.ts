import { Argument, type Command } from 'commander'
import type { Terminal } from '../terminal.ts'

/**
 * `port-dispatch completion SHELL`: prints the script that a shell loads to complete this command. On each Tab the
 * script calls `port-dispatch completion-server`.
 */
export function configure(command: Command, terminal: Terminal): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { default: tabtab } = await import('@pnpm/tabtab')
      const name = 'port-dispatch'
      terminal.output(
        (await tabtab.getCompletionScript({ name, completer: name, shell })).trimEnd(),
      )
    })
}
