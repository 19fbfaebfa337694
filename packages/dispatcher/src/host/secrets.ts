// Which values of the environment must not be printed, reported or put into outputs.
import { readFileSync } from 'node:fs'
import type { Environment } from '../network/environment.ts'

/** Lists of secrets, separated by commas or blanks. */
const LISTS = ['PORT_DISPATCH_OLD_CLIENT_SECRETS']
/** Private keys: PEM texts, or the paths of files with them. */
const KEYS = ['GITHUB_APP_PRIVATE_KEY', 'PORT_DISPATCH_WEBHOOK_KEY', 'PORT_DISPATCH_TLS_KEY']

/** Credentials for the services and of the CI systems, whatever they look like: `GITLAB_TRIGGER_TOKEN`, `CI_JOB_TOKEN`. */
const OF_SERVICES = /^(?:PORT|GITHUB|GH|GITLAB|CI|KAFKA)_(?:.*_)?(?:TOKEN|SECRET|PASSWORD)$/
/** Variables of others that say by their names that they hold a secret. */
const NAMED_SECRET =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY)$/i
/**
 * Tokens of GitLab by their shape: port-agent's trigger tokens are in variables that are named after groups and projects,
 * which nothing says of. Older ones have no prefix.
 */
const GITLAB_TOKEN = /^(?:gl[a-z]{2,8}-[\w.-]{16,}|[\da-f]{30})$/
const PROXY = /^(?:https?|all)_proxy$/i

/**
 * Secrets that the environment holds: the credentials that are settings, with the text of private keys whose path is
 * given; the passwords of all addresses in it, those of proxies among them; and the values of other variables that are
 * tokens by their name or their shape.
 */
export function credentialsOf(env: Environment): string[] {
  const found = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || value.trim() === '' ? [] : secretsOf(name, value),
  )
  return [...new Set(found)]
}

function secretsOf(name: string, value: string): string[] {
  if (OF_SERVICES.test(name)) return [value]
  if (LISTS.includes(name)) return value.split(/[\s,]+/).filter(Boolean)
  if (KEYS.includes(name)) return keyTexts(value)
  if (GITLAB_TOKEN.test(value.trim())) return [value]
  if (NAMED_SECRET.test(name) && looksRandom(value)) return [value]
  return passwordsIn(PROXY.test(name) && !value.includes('://') ? `http://${value}` : value)
}

/**
 * The texts in which a private key can be seen.
 *
 * @param value PEM text, on one line perhaps, or the path of a file with it
 */
export function keyTexts(value: string): string[] {
  if (value.includes('-----BEGIN')) return [value, value.replaceAll('\\n', '\n')]
  try {
    return [readFileSync(value, 'utf8')]
  } catch {
    // Whoever needs the key says what is wrong with its path.
    return []
  }
}

/** A word that is there for people is not masked wherever it stands, although a variable is called a password. */
function looksRandom(value: string): boolean {
  return value.length >= 16 && /\d/.test(value) && /[a-z]/i.test(value) && !/\s/.test(value)
}

const SHORTEST = 4
/** From the end of the scheme: a look for its beginning would take time that grows with the square of a long word. */
const WITH_USER = /(?<=[a-z\d+.-]):\/\/[^\s/?#@,]*(?:@[^\s/?#@,]*)*@/gi

/** The passwords in the addresses of a text, as they are written and decoded. A user name alone can be a token. */
function passwordsIn(text: string): string[] {
  return [...text.matchAll(WITH_USER)].flatMap(([address]) => {
    const user = address.slice(address.indexOf('://') + 3, -1)
    const colon = user.indexOf(':')
    const password = colon < 0 ? user : user.slice(colon + 1)
    // Shorter ones are not masked anywhere.
    if (password.length < SHORTEST || (colon < 0 && !looksRandom(password))) return []
    return [password, decoded(password)]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
