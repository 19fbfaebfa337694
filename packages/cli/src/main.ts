import { InputError, PortDispatchError } from '@port-dispatch/core'
import { credentialsOf, endProcess, explainMissing } from '@port-dispatch/dispatcher/host'
import { CommanderError } from 'commander'
import { calledAs } from './called-as.ts'
import { ExitCode, ExitWith, exitCodeOfError } from './exit-code.ts'
import { createProgram } from './program.ts'
import { Terminal } from './terminal.ts'

async function main(): Promise<ExitCode> {
  const terminal = new Terminal()
  terminal.hide(credentialsOf(process.env))
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leaveToTheEnd)
  // Node would print the source text around it, which in a bundle is all of it.
  process.once('uncaughtException', (error) => void endProcess(exitCodeOf(error, terminal)))
  try {
    const program = await createProgram(process.argv.slice(2), terminal)
    await program.parseAsync()
    refuseLostOutput()
    return ExitCode.done
  } catch (error) {
    return exitCodeOf(error, terminal)
  }
}

/** Output that cannot be written does not stop the work, which goes on to its end, and so does reporting it. */
function leaveToTheEnd(): void {}

/**
 * Whoever reads the output may stop, as `head` does. On a full disk it is lost.
 *
 * @throws InputError if output was lost that somebody wanted
 */
function refuseLostOutput(): void {
  const cause: NodeJS.ErrnoException | null = process.stdout.errored
  if (cause === null || cause.code === 'EPIPE') return
  const found = `cannot be written (${cause.code ?? cause.message})`
  throw new InputError('The output is lost:', [{ path: 'standard output', found }], { cause })
}

const SANDBOX_HINT = [
  `To try it without an account, run the sandbox in another terminal: ${calledAs(process.env)} sandbox --dotenv sandbox.env`,
  'Then run here: source sandbox.env',
].join('\n')

function lacksCredentials({ problems }: PortDispatchError): boolean {
  return problems.some(
    ({ missing, setting }) => missing && /^(port|github|gitlab)\./.test(setting ?? ''),
  )
}

/** The one place where the command fails. */
function exitCodeOf(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof ExitWith) return error.exitCode
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
  }
  if (error instanceof PortDispatchError) {
    terminal.error(error)
    const explanation = explainMissing(error.problems, process.env)
    if (explanation) terminal.message(explanation)
    else if (lacksCredentials(error) && !process.env.CI) terminal.message(SANDBOX_HINT)
    return exitCodeOfError(error)
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' }
  terminal.error(`Unexpected error: ${message}`)
  terminal.message(
    process.env.PORT_DISPATCH_DEBUG
      ? `${stack}`
      : 'This is a fault of port-dispatch. Please report it with this message and the output of the same command with PORT_DISPATCH_DEBUG=1.',
  )
  return ExitCode.unexpected
}

void main().then((code) => endProcess(code))
