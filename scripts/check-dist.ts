// Fails if dist/ is not what the sources build.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildAction } from './build-action.ts'

const committed = resolve(import.meta.dirname, '../dist')
const fresh = await mkdtemp(join(tmpdir(), 'port-dispatch-dist-'))
try {
  await buildAction(fresh)
  const differing = await compare(fresh, committed)
  if (differing.length > 0) {
    console.error(`dist/ is not what the sources build: ${differing.join(', ')}.`)
    console.error('Run "npm run build" and commit dist/.')
    process.exitCode = 1
  }
} finally {
  await rm(fresh, { recursive: true })
}

async function compare(one: string, other: string): Promise<string[]> {
  const names = new Set([...(await readdir(one)), ...(await readdir(other))])
  const differing: string[] = []
  for (const name of [...names].sort()) {
    const [a, b] = await Promise.all([read(join(one, name)), read(join(other, name))])
    if (!a || !b || !a.equals(b)) differing.push(name)
  }
  return differing
}

async function read(path: string): Promise<Buffer | undefined> {
  return await readFile(path).catch(() => undefined)
}
