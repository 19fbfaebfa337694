import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { Argument, type Command } from 'commander'
import type { Terminal } from '../terminal.ts'

const NAMES = ['action', 'config', 'sandbox'] as const

/** `port-dispatch schema`: prints the JSON Schema of a kind of file. The schemas are files of this package. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .addArgument(
      new Argument(
        '[kind]',
        'action: definitions of actions; config: port-dispatch.yml; sandbox: definitions of sandboxes. Without it, the addresses of all are listed',
      ).choices(NAMES),
    )
    .action((kind: string | undefined) => {
      if (kind !== undefined) {
        terminal.output(read(kind).trimEnd())
        return
      }
      for (const name of NAMES) {
        const { $id, title } = JSON.parse(read(name)) as { $id: string; title: string }
        terminal.output(`${name.padEnd(8)} ${title}: ${$id}`)
      }
    })
}

function read(name: string): string {
  const manifest = findPackageJSON(import.meta.url)
  if (manifest === undefined) throw new Error('The package of the command was not found')
  return readFileSync(join(dirname(manifest), 'schemas', `${name}.schema.json`), 'utf8')
}
