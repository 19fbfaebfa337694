import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { InputError, type Problem } from '@port-dispatch/core'
import { whyUnreadable } from '@port-dispatch/dispatcher/host'
import type { Command } from 'commander'
import { ExitCode, ExitWith } from '../exit-code.ts'
import { switchFlag } from '../flags.ts'
import { unifiedDiff } from '../migrate/edits.ts'
import { type Migration, migrateWorkflow } from '../migrate/migrate-workflow.ts'
import type { Remark } from '../migrate/plan.ts'
import { style, type Terminal } from '../terminal.ts'

interface MigrateFlags {
  write?: boolean
  check?: boolean
}

/** `port-dispatch migrate`: rewrites workflows from port-github-action to this Action. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<workflow...>', 'workflow files, folders with them, or - for standard input')
    .addOption(
      switchFlag('--write', 'change the files instead of printing a diff', 'PORT_DISPATCH_WRITE'),
    )
    .addOption(
      switchFlag(
        '--check',
        'exit with 1 if a step of port-github-action is left',
        'PORT_DISPATCH_CHECK',
      ),
    )
    .action((paths: string[], flags: MigrateFlags) => migrate(paths, flags, terminal))
}

async function migrate(
  paths: string[],
  { write, check }: MigrateFlags,
  terminal: Terminal,
): Promise<void> {
  const files = (await Promise.all(paths.map(filesOf))).flat()
  const problems: Problem[] = []
  let left = 0
  for (const file of files) {
    const migration = await migrateFile(file, problems)
    if (!migration) continue
    if (write && file !== '-' && migration.edits.length > 0) await writeFile(file, migration.text)
    if (!write && !check) printDiff(file, migration, terminal)
    if (write && file === '-') terminal.output(migration.text.replace(/\n$/, ''))
    printRemarks(file, migration, terminal)
    const remains = write ? migration.after : migration.before
    if (check && remains > 0) {
      terminal.message(
        `${file}: ${remains === 1 ? '1 step' : `${remains} steps`} of port-github-action`,
      )
    }
    left += remains
  }
  if (problems.length > 0) throw new InputError('Some files cannot be migrated:', problems)
  if (files.length > 0 && !check && !write) printHint(left, terminal)
  if (check && left > 0) throw new ExitWith(ExitCode.failed)
}

async function filesOf(path: string): Promise<string[]> {
  if (path === '-') return [path]
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = await readdir(path)
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(path, name))
  } catch {
    // What is wrong is found again, and named, when it is read.
    return [path]
  }
}

async function migrateFile(file: string, problems: Problem[]): Promise<Migration | undefined> {
  const name = file === '-' ? 'standard input' : file
  let source: string
  try {
    source = file === '-' ? await readText(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    problems.push({ path: name, ...(await whyUnreadable(file, code)) })
    return undefined
  }
  try {
    return migrateWorkflow(source, name)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

function printDiff(file: string, { source, edits }: Migration, terminal: Terminal): void {
  const name = file === '-' ? 'stdin' : file.replace(/^\.?\//, '')
  if (edits.length > 0) terminal.output(unifiedDiff(name, source, edits).replace(/\n$/, ''))
}

function printRemarks(file: string, { remarks }: Migration, terminal: Terminal): void {
  if (remarks.length === 0) return
  terminal.message(style('bold', file))
  for (const remark of remarks) terminal.message(`  ${describe(remark)}`)
}

function describe({ type, job, step, text }: Remark): string {
  const where = step === undefined ? job : `${job}, "${step}"`
  return `${type === 'kept' ? `${style('yellow', 'look:')} ` : ''}${where}: ${text}`
}

function printHint(left: number, terminal: Terminal): void {
  terminal.message(
    left === 0
      ? 'No step uses port-github-action.'
      : 'Nothing was written. Run it again with --write to change the files.',
  )
}
