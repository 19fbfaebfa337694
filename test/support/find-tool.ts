import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/**
 * Finds a program on the PATH, or where `go install` puts it.
 *
 * @param install how to install it
 * @returns undefined if it is missing, after saying so
 * @throws if it is missing where nothing may be skipped: in CI, or with PORT_DISPATCH_REQUIRE_TOOLS=1
 */
export function findTool(name: string, install: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go/bin')]
  const found = folders.map((folder) => join(folder, name)).find(existsSync)
  if (found) return found
  const message = `${name} is missing, so its tests are skipped. Install it: ${install}`
  if (process.env.CI === 'true' || process.env.PORT_DISPATCH_REQUIRE_TOOLS === '1') {
    throw new Error(message)
  }
  process.stderr.write(`${message}\n`)
  return undefined
}
