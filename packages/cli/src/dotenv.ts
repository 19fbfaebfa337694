import { writeFileSync } from 'node:fs'
import { InputError } from '@port-dispatch/core'

/**
 * Writes outputs as `<prefix><NAME>=value` lines, for `artifacts:reports:dotenv` of GitLab, which hands them to later
 * jobs as variables. Of values with line breaks, which GitLab refuses, the first line is kept.
 *
 * @throws InputError if no variable can begin with the prefix, or the file cannot be written
 */
export function writeDotenv(
  path: string,
  prefix: string,
  outputs: Readonly<Record<string, string | number | null>>,
): void {
  if (!/^(?:[A-Za-z_]\w*)?$/.test(prefix)) {
    throw new InputError('The outputs cannot be written:', [
      {
        path: '--dotenv-prefix',
        found: `found ${JSON.stringify(prefix)}`,
        expected: 'letters, digits and _, and no digit first',
      },
    ])
  }
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
