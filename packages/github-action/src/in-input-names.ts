/** What the command's users set, and what the Action's users write instead. */
const NAMES: Readonly<Record<string, string>> = {
  PORT_CLIENT_ID: 'clientId',
  PORT_CLIENT_SECRET: 'clientSecret',
  PORT_BASE_URL: 'baseUrl',
  GITHUB_TOKEN: 'githubToken',
  GITLAB_TOKEN: 'gitlabToken',
  GITLAB_TRIGGER_TOKEN: 'gitlabTriggerToken',
  GITLAB_URL: 'gitlabUrl',
  '--strict': 'strict',
  '--wait': 'wait',
  '--timeout': 'timeout',
  '--no-report': 'without clientId and clientSecret',
}

const PATTERN = new RegExp(`(?<![\\w.-])(?:${Object.keys(NAMES).join('|')})(?![\\w-])`, 'g')

/** Messages that the Action shares with the command name variables and flags; here they name inputs. */
export function inInputNames(message: string): string {
  return message.replace(PATTERN, (name) => NAMES[name] ?? name)
}
