import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { programChecks, writePrograms } from '../support/library-programs.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

/** What is published, as `npm pack` packs it, in a folder of a consumer with the strictest settings. */
const folder = mkdtempSync(join(tmpdir(), 'consumer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LIBRARIES = ['core', 'sandbox', 'dispatcher']
/** What the programs of docs/library.md import besides. */
const PEERS = ['@hono/node-server', 'hono', 'express', '@types/express', '@types/node']
const COMPILERS = {
  '5.9': createRequire(resolve('test/consumers/package.json')).resolve('typescript/package.json'),
  current: createRequire(import.meta.url).resolve('typescript/package.json'),
}

const modules = join(folder, 'node_modules')

/** Builds one library and puts in place what its tarball holds, without a look at the registry. */
function install(library: string): void {
  const source = join('packages', library)
  const tsc = join(dirname(COMPILERS.current), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', join(source, 'tsconfig.build.json')])
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const packed = execFileSync('npm', pack, { cwd: source, encoding: 'utf8' })
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  const target = join(modules, '@port-dispatch', library)
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', target])
  const { dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  // Only what the package declares: an import of anything else must fail.
  for (const name of Object.keys(dependencies)) link(name)
}

function link(name: string): void {
  if (name.startsWith('@port-dispatch/')) return
  const target = join(modules, name)
  mkdirSync(dirname(target), { recursive: true })
  rmSync(target, { force: true })
  symlinkSync(resolve('node_modules', name), target)
}

for (const library of LIBRARIES) install(library)
for (const name of PEERS) link(name)
writePrograms(folder)
writeFileSync(join(folder, 'everything.ts'), importEverything())

/** A program that imports all that the libraries export. */
function importEverything(): string {
  const entries = LIBRARIES.flatMap((library) => {
    const file = join(modules, '@port-dispatch', library, 'package.json')
    const { name, exports } = JSON.parse(readFileSync(file, 'utf8')) as {
      name: string
      exports: Record<string, unknown>
    }
    // What needs the optional Kafka client has its types in it, and those need more than the client declares. Schemas are
    // for the other packages of this project, which make schemas of them.
    const left = ['./kafka', './schema']
    const paths = Object.keys(exports).filter((path) => !left.includes(path))
    return paths.map((path) => name + path.slice(1))
  })
  return entries.map((entry, at) => `export * as module${at} from '${entry}'\n`).join('')
}

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  types: ['node'],
  rootDir: '.',
  outDir: 'out',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
}

/** Without the types of a browser, which the types of Hono need; and with them. */
const PROJECTS = {
  node: { include: ['*.ts'], exclude: ['hono.ts'], lib: ['es2024'] },
  browser: { include: ['*.ts'], exclude: [], lib: ['es2024', 'dom'] },
} as const
for (const [name, { lib, ...files }] of Object.entries(PROJECTS)) {
  const project = { compilerOptions: { ...compilerOptions, lib }, ...files }
  writeFileSync(join(folder, `tsconfig.${name}.json`), JSON.stringify(project))
}

/** Compiles the programs, and returns what the compiler printed. */
function compile(
  compiler: keyof typeof COMPILERS,
  project: keyof typeof PROJECTS,
  ...flags: string[]
): string {
  const tsc = join(dirname(COMPILERS[compiler]), 'bin/tsc')
  const args = [tsc, '-p', join(folder, `tsconfig.${project}.json`), ...flags]
  try {
    return execFileSync(process.execPath, args, { encoding: 'utf8' })
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return `${error.stdout}`
    throw error
  }
}

describe('a strict consumer of the packed libraries', { timeout: 120_000 }, () => {
  it('compiles with TypeScript 5.9', () => {
    expect(compile('5.9', 'node', '--noEmit')).toBe('')
  })

  it('compiles with the TypeScript of this project', () => {
    expect(compile('current', 'node', '--noEmit')).toBe('')
    expect(compile('current', 'browser')).toBe('')
  })

  it('sees types that are written by hand: none come from a library that ours use', () => {
    const files = compile('current', 'node', '--listFilesOnly').split('\n')
    expect(files.filter((file) => file.includes('@port-dispatch')).length).toBeGreaterThan(50)
    const internal = /node_modules\/(valibot|jq-wasm|@octokit|@gitbeaker|yaml|jsonc-parser)\//
    expect(files.filter((file) => internal.test(file))).toEqual([])
  })

  const programs = {
    path: join(folder, 'out'),
    extension: 'js',
    nodeFlags: [],
  } as const

  it.for(Object.entries(programChecks))('runs %s', async ([, check], { sandbox }) => {
    for (const file of ['action.json', 'context.json', 'encrypted-context.json', 'package.json']) {
      cpSync(join(folder, file), join(programs.path, file))
    }
    await check(programs, sandbox)
  })
})
