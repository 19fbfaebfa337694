import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface ProcessResult {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a program with nothing in its environment but what is given. */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: { env: Record<string, string | undefined>; cwd: string },
): Promise<ProcessResult> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { code, stdout, stderr }
}
