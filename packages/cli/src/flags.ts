import { InputError } from '@port-dispatch/core'
import { listOf, parseDuration } from '@port-dispatch/dispatcher/host'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** A flag that takes a value, or an environment variable in its place. */
export function valueFlag(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable)
}

/** A flag that takes a time span, in milliseconds once parsed. */
export function durationFlag(
  flags: string,
  description: string,
  variable: string,
  fallback: string,
): Option {
  const parse = (text: string): number => {
    const duration = parseDuration(text)
    if (duration === undefined) {
      throw new InvalidArgumentError('Expected a time span like 90s, 30m or 1h30m.')
    }
    return duration
  }
  return new Option(flags, description)
    .env(variable)
    .argParser(parse)
    .default(parse(fallback), fallback)
}

/** A flag that can be given more than once, or with values that are separated by commas. */
export function listFlag(flags: string, description: string, variable: string): Option {
  return new Option(flags, description)
    .env(variable)
    .argParser((text: string, before: string[] | undefined) => [...(before ?? []), ...listOf(text)])
}

/** How long all reporting to Port may take. */
export function reportTimeoutFlag(): Option {
  return durationFlag(
    '--report-timeout <time>',
    'time for all reporting to Port',
    'PORT_DISPATCH_REPORT_TIMEOUT',
    '30s',
  )
}

/** A flag that is there or not. Its variable switches it on with `true`, `1` or `yes`. */
export function switchFlag(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable)
}

/**
 * Takes away the variables of switches that say no. Commander switches a flag on when its variable is set at all.
 *
 * @throws InputError if one says neither yes nor no
 */
export function dropNegativeSwitches(command: Command, env: NodeJS.ProcessEnv): void {
  for (const { envVar, required, optional } of command.options) {
    const value = envVar === undefined ? undefined : env[envVar]?.trim().toLowerCase()
    if (envVar === undefined || value === undefined || required || optional) continue
    if (['true', '1', 'yes'].includes(value)) continue
    if (!['false', '0', 'no', ''].includes(value)) {
      throw new InputError('The environment is not valid:', [
        { path: envVar, found: `found "${env[envVar]}"`, expected: 'true or false' },
      ])
    }
    delete env[envVar]
  }
}
