import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CARRIER, COMPILED_PARTS, type CompiledPart } from './compiled-into-jq.ts'

const modules = resolve(import.meta.dirname, '../node_modules')

/**
 * Makes one text of the license files that ncc writes for each chunk, with every package once, and after jq-wasm what is
 * compiled into it.
 *
 * @param lists of which each names the packages of a chunk, a line for each name
 */
export async function collectLicenses(lists: readonly string[]): Promise<string> {
  const lines = new Set(lists.flatMap((list) => list.split('\n')))
  const names = [...lines].filter(isForeignPackage).sort()
  const texts = await Promise.all(names.map(licenseOf))
  return `${texts.join('\n\n')}\n`
}

function isForeignPackage(line: string): boolean {
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(line) || line.startsWith('@port-dispatch/')) return false
  return existsSync(join(modules, line, 'package.json'))
}

async function licenseOf(name: string): Promise<string> {
  const folder = join(modules, name)
  const { license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file ? await readFile(join(folder, file), 'utf8') : ''
  const own = [name, license, text.trim()].filter(Boolean).join('\n')
  return name === CARRIER ? [own, ...COMPILED_PARTS.map(describePart)].join('\n\n') : own
}

function describePart({ name, version, license, notice }: CompiledPart): string {
  return [`${name}${version ? ` ${version}` : ''} (part of ${CARRIER})`, license, notice].join('\n')
}
