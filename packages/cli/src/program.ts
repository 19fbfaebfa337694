import type { Command } from 'commander'
import { calledAs } from './called-as.ts'
import { CommandLine } from './command-line.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

type Configure = (
  command: Command,
  terminal: Terminal,
  /** For the one command that looks at the others. */
  createProgram: (called: readonly string[], terminal: Terminal) => Promise<Command>,
) => void

/** A subcommand: a file that declares its flags and does its work, loaded when it is called. */
interface Subcommand {
  description: string
  /** Its page in docs, with an anchor if need be. */
  page: string
  /** What people call most, without `port-dispatch`. */
  examples: readonly string[]
  load: () => Promise<{ configure: Configure }>
  /** Whether only programs call it. */
  hidden?: true
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  render: {
    description: 'print the invocation method of an action with every template rendered',
    page: 'templates.md',
    examples: [
      'render --action action.json --context context.json',
      'render --action action.json --context \'{"inputs": {"size": 2}}\' --json',
      'render --action deploy_service --context context.json --strict',
    ],
    load: () => import('./commands/render.ts'),
  },
  dispatch: {
    description: 'render an action, start its workflow or pipeline, and report to Port',
    page: 'dispatch.md',
    examples: [
      'dispatch --action action.json --context context.json --dry-run',
      'dispatch --action action.json --context context.json --wait',
      'dispatch --action deploy_service --context - --wait --timeout 30m --json',
    ],
    load: () => import('./commands/dispatch.ts'),
  },
  report: {
    description: 'report on a Port run from inside a CI job',
    page: 'report.md',
    examples: [
      'report start',
      'report update --status-label "Applying" --log "3 to add, 1 to change"',
      'report finish --status SUCCESS',
      'report finish --status failed --run-id r_DeployService001',
    ],
    load: () => import('./commands/report.ts'),
  },
  init: {
    description:
      'make an action from a workflow or pipeline, or a workflow or pipeline for an action',
    page: 'init.md',
    examples: [
      'init --from .github/workflows/deploy.yml --output action.json',
      'init --from .gitlab-ci.yml --project acme/platform/provisioning',
      'init --for action.json --output .github/workflows/deploy.yml',
      'init --for actions.json#provision_database',
    ],
    load: () => import('./commands/init.ts'),
  },
  lint: {
    description: 'find mistakes in actions and in the workflows and pipelines that they start',
    page: 'lint.md',
    examples: [
      'lint actions/',
      'lint deploy.json --repo ../services',
      'lint actions.json#deploy --workflow .github/workflows/deploy.yml',
      'lint provision.json --pipeline .gitlab-ci.yml --max-warnings 0',
      'lint actions/ --format sarif > lint.sarif',
    ],
    load: () => import('./commands/lint.ts'),
  },
  schema: {
    description: 'print the JSON Schema of actions, of port-dispatch.yml or of sandbox definitions',
    page: 'schema.md',
    examples: ['schema', 'schema action > action.schema.json', 'schema config'],
    load: () => import('./commands/schema.ts'),
  },
  agent: {
    description: 'take runs from Port and execute them in this network',
    page: 'agent.md',
    examples: [
      'agent',
      'agent --source kafka,claim --concurrency 100',
      'agent --source webhook --listen 0.0.0.0:8080 --config port-dispatch.yml',
    ],
    load: () => import('./commands/agent.ts'),
  },
  verify: {
    description: 'check the signature of a webhook or Kafka message that was received',
    page: 'webhook.md',
    examples: [
      "verify --body body.json --header 'x-port-timestamp: 1767225600' --header 'x-port-signature: v1,…'",
      'verify --body message.json',
    ],
    load: () => import('./commands/verify.ts'),
  },
  migrate: {
    description: 'rewrite workflows from port-github-action',
    page: 'migrate-from-port-github-action.md',
    examples: ['migrate .github/workflows', 'migrate .github/workflows --write'],
    load: () => import('./commands/migrate.ts'),
  },
  sandbox: {
    description: 'serve local stand-ins of Port, GitHub and GitLab',
    page: 'sandbox.md',
    examples: ['sandbox', 'sandbox --port 0 --dotenv sandbox.env', 'sandbox --config sandbox.yml'],
    load: () => import('./commands/sandbox.ts'),
  },
  demo: {
    description: 'run an end-to-end demo in the sandbox',
    page: 'sandbox.md',
    examples: ['demo'],
    load: () => import('./commands/demo.ts'),
  },
  completion: {
    description: 'print a script that completes commands and flags in bash, zsh or fish',
    page: 'environment.md#completion',
    examples: [
      'completion bash >> ~/.bashrc',
      'completion zsh >> ~/.zshrc',
      'completion fish > ~/.config/fish/completions/port-dispatch.fish',
    ],
    load: () => import('./commands/completion.ts'),
  },
  'completion-server': {
    description: 'print what can follow on a command line; called by the script of completion',
    page: 'environment.md#completion',
    examples: ['completion-server -- port-dispatch rend'],
    load: () => import('./commands/completion-server.ts'),
    hidden: true,
  },
}

const DOCS = 'https://github.com/port-dispatch/port-dispatch/blob/main/docs'

/** @param called loads these subcommands only; the others are there for the list that `--help` shows */
export async function createProgram(
  called: readonly string[],
  terminal: Terminal,
): Promise<CommandLine> {
  const program = new CommandLine('port-dispatch')
  program
    .description('Run Port self-service actions on GitHub Actions and GitLab CI')
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(terminal.usageError(text)) })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', helpText(['demo', 'dispatch --help'], 'README.md'))
  for (const [name, subcommand] of Object.entries(SUBCOMMANDS)) {
    const { description, page, examples, load, hidden = false } = subcommand
    const command = program.command(name, { hidden }).description(description)
    if (!called.includes(name)) continue
    const { configure } = await load()
    configure(command, terminal, createProgram)
    // Also under the help of the commands that it has itself.
    command.addHelpText('afterAll', helpText(examples, page))
  }
  return program
}

function helpText(examples: readonly string[], page: string): string {
  const lines = examples.map((example) => `  ${calledAs(process.env)} ${example}`)
  const address = page === 'README.md' ? DOCS.replace(/.blob.*/, '#readme') : `${DOCS}/${page}`
  return ['', 'Examples:', ...lines, '', `Documentation: ${address}`].join('\n')
}
