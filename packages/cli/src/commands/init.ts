import { writeFile } from 'node:fs/promises'
import { InputError, isJsonObject, type JsonObject } from '@port-dispatch/core'
import {
  type ActionOptions,
  actionFromPipeline,
  actionFromWorkflow,
  type Backend,
  type InitNote,
  kindOfFile,
  skeletonFor,
} from '@port-dispatch/core/init'
import { loadDefinition, portClientIfConfigured } from '@port-dispatch/dispatcher/host'
import { openCiFile, remoteOf } from '@port-dispatch/dispatcher/host/lint'
import type { Command } from 'commander'
import { calledAs } from '../called-as.ts'
import { switchFlag, valueFlag } from '../flags.ts'
import type { Terminal } from '../terminal.ts'
import { version } from '../version.ts'

interface InitFlags {
  from?: string
  backend?: Backend
  for?: string
  output?: string
  force?: boolean
  repo?: string
  project?: string
  ref?: string
  blueprint?: string
  installationId?: string
}

/** `port-dispatch init`: makes an action of a workflow or pipeline, and the reverse. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .addOption(
      valueFlag(
        '--from <file>',
        'make an action that starts this GitHub workflow or GitLab pipeline',
        'PORT_DISPATCH_FROM',
      ).conflicts('for'),
    )
    .addOption(
      valueFlag(
        '--for <action>',
        'make the workflow or pipeline of this action: a file (JSON or YAML), FILE#identifier, or - for standard input',
        'PORT_DISPATCH_FOR',
      ),
    )
    .addOption(
      valueFlag(
        '--backend <name>',
        'with --for: what to start, for an action that has no invocationMethod yet',
        'PORT_DISPATCH_BACKEND',
      ).choices(['github', 'gitlab']),
    )
    .addOption(
      valueFlag(
        '--output <file>',
        'write to this file instead of standard output',
        'PORT_DISPATCH_OUTPUT',
      ),
    )
    .addOption(switchFlag('--force', 'replace the file if it exists', 'PORT_DISPATCH_FORCE'))
    .addOption(
      valueFlag(
        '--repo <owner/name>',
        'the repository of the workflow, by default that of the remote origin',
        'PORT_DISPATCH_REPOSITORY',
      ).conflicts('project'),
    )
    .addOption(
      valueFlag(
        '--project <group/name>',
        'the project of the pipeline, by default that of the remote origin',
        'PORT_DISPATCH_PROJECT',
      ),
    )
    .addOption(
      valueFlag(
        '--ref <name>',
        'with --from: the branch or tag of the pipeline, by default main',
        'PORT_DISPATCH_REF',
      ),
    )
    .addOption(
      valueFlag(
        '--blueprint <identifier>',
        'with --from: the blueprint whose entities the action is run on',
        'PORT_DISPATCH_BLUEPRINT',
      ),
    )
    .addOption(
      valueFlag(
        '--installation-id <id>',
        'with --from: make an action of type INTEGRATION_ACTION for this installation of the integration for GitHub or GitLab',
        'PORT_DISPATCH_INSTALLATION_ID',
      ),
    )
    .action((flags: InitFlags) => init(flags, terminal))
}

async function init(flags: InitFlags, terminal: Terminal): Promise<void> {
  const { text, notes, path, check } = await make(flags, terminal)
  const { output, force } = flags
  if (output === undefined) terminal.output(text.trimEnd())
  else await write(output, text, force)
  for (const { path, message } of notes) {
    terminal.logger.notice(path === '' ? `${message}.` : `${path}: ${message}.`)
  }
  const saved = output === undefined ? `Save it as ${path}, and check` : `Wrote ${output}. Check`
  terminal.message(`${saved} it with: ${calledAs(process.env)} lint ${check(output ?? path)}`)
}

interface Made {
  text: string
  notes: readonly InitNote[]
  /** Where it belongs. */
  path: string
  /** The arguments of lint that compare the action with its file, of which one is the file that was made. */
  check: (made: string) => string
}

async function make(flags: InitFlags, terminal: Terminal): Promise<Made> {
  const { from, for: action } = flags
  if (from !== undefined) return await makeAction(from, flags)
  if (action !== undefined) return await makeFile(action, flags, terminal)
  throw new InputError('Nothing to make:', [
    {
      path: '--from, --for',
      found: 'are both missing',
      expected:
        '--from WORKFLOW to make an action, or --for ACTION to make its workflow or pipeline',
    },
  ])
}

async function makeAction(file: string, flags: InitFlags): Promise<Made> {
  const { source, documents, called, included } = await openCiFile(file, 'The file')
  const kind = kindOfFile(documents)
  if (kind === undefined) {
    throw new InputError(`Cannot make an action from ${source.name}:`, [
      {
        path: '',
        found: 'it is neither a GitHub workflow nor a GitLab pipeline',
        expected: 'an object with on and jobs, or with jobs that have a script',
      },
    ])
  }
  const { action, notes } =
    kind === 'workflow'
      ? actionFromWorkflow(
          { file: source.name, document: documents[0] ?? null, called },
          await optionsOf(flags, file, kind),
        )
      : actionFromPipeline(
          { file: source.name, documents, included },
          await optionsOf(flags, file, kind),
        )
  return {
    text: `${JSON.stringify(action, null, 2)}\n`,
    notes,
    path: 'action.json',
    // What a webhook starts is unknown to lint.
    check: (made) => (isWebhook(action) ? made : `${made} --${kind} ${file}`),
  }
}

function isWebhook({ invocationMethod }: JsonObject): boolean {
  return isJsonObject(invocationMethod) && invocationMethod.type === 'WEBHOOK'
}

/** @throws InputError if it is not known where the file belongs */
async function optionsOf(
  { repo, project, ref, blueprint, installationId }: FlagsOfActions,
  file: string,
  kind: 'workflow' | 'pipeline',
): Promise<ActionOptions> {
  const [given, other] = kind === 'workflow' ? [repo, project] : [project, repo]
  const remote = await remoteOf(file)
  const repository = given ?? other ?? remote?.path
  const name = kind === 'workflow' ? '--repo' : '--project'
  if (repository === undefined) {
    throw new InputError(
      `No ${kind === 'workflow' ? 'repository' : 'project'} found for the ${kind}:`,
      [
        {
          path: name,
          found: 'is missing, and Git has no remote origin to take it from',
          expected: kind === 'workflow' ? 'OWNER/NAME' : 'GROUP/PROJECT',
        },
      ],
    )
  }
  return {
    repository,
    ...(ref !== undefined && { ref }),
    ...(blueprint !== undefined && { blueprint }),
    ...(installationId !== undefined && { installationId }),
    ...(remote?.serverUrl !== undefined && { gitlabUrl: remote.serverUrl }),
  }
}

type FlagsOfActions = Pick<InitFlags, 'repo' | 'project' | 'ref' | 'blueprint' | 'installationId'>

async function makeFile(action: string, flags: InitFlags, terminal: Terminal): Promise<Made> {
  const { document, subject, identifier } = await loadDefinition(action, () =>
    portClientIfConfigured(process.env, { onWait: terminal.onWait }),
  )
  const { backend: type } = flags
  const kind = type === 'github' ? 'workflow' : 'pipeline'
  const backend = type && { type, place: await optionsOf(flags, './', kind) }
  const options = { version: version(), identifier, backend }
  const skeleton = await skeletonFor(document, subject, options)
  const { writeYaml } = await import('../init/write-yaml.ts')
  const { path, notes, kind: made } = skeleton
  const given = action === '-' ? 'action.json' : action
  // Only a webhook sends inputs, which are in a document of their own.
  const isSentByWebhook = skeleton.documents.length > 1
  return {
    text: writeYaml(skeleton),
    notes,
    path,
    check: (at) => (isSentByWebhook ? given : `${given} --${made} ${at}`),
  }
}

/** @throws InputError if the file is there already, or cannot be written */
async function write(file: string, text: string, force = false): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isThere = code === 'EEXIST'
    throw new InputError(
      'Nothing was written:',
      [
        {
          path: file,
          found: isThere ? 'exists already' : `cannot be written (${code})`,
          advice: isThere
            ? 'Choose another file, or replace it with --force'
            : 'Give the path of a file in a folder that exists',
        },
      ],
      { cause: error },
    )
  }
}
