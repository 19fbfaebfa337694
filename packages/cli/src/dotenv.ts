import { writeFileSync } from 'node:fs'
import { InputError } from '@port-dispatch/core'

/**
 * Writes outputs as `<prefix><NAME>=value` lines, for `artifacts:reports:dotenv` of GitLab, which hands them to later
 * jobs as variables. Of values with line breaks, which GitLab refuses, the first line is kept.
 *
 * @throws InputError if the file cannot be written
 */
export function writeDotenv(
  path: string,
  prefix: string,
  outputs: Readonly<Record<string, string | number | null>>,
): void {
  const lines = Object.entries(outputs)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${prefix}${upperCase(name)}=${firstLine(String(value))}\n`)
  try {
    writeFileSync(path, lines.join(''))
  } catch (error) {
    const message = `${(error as NodeJS.ErrnoException).code}; give the path of a file in a folder that exists`
    throw new InputError('The outputs cannot be written:', [{ path, found: message }], {
      cause: error,
    })
  }
}

/** `externalRunId` becomes `EXTERNAL_RUN_ID`. */
function upperCase(name: string): string {
  return name.replace(/(?=[A-Z])/g, '_').toUpperCase()
}

function firstLine(value: string): string {
  return value.split(/[\r\n]/, 1)[0] ?? ''
}
