import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../../support/run-command.ts'
import { runProcess } from '../../support/run-process.ts'
import { FAILURE, migrated, portStep, SUCCESS, WORK, workflowOf } from './workflow-of.ts'

const CLASSIC = workflowOf({ ship: portStep({ logMessage: 'Go' }) + WORK + SUCCESS + FAILURE })
const PLAIN = workflowOf({ test: WORK })

interface Folder {
  path: (name: string) => string
  run: (...args: string[]) => ReturnType<typeof runCommand>
  read: (name: string) => Promise<string>
}

const it = test.extend<{ folder: Folder }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  folder: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'port-dispatch-migrate-'))
    const path = (name: string) => join(root, name)
    await mkdir(path('flows'))
    await writeFile(path('flows/ship.yml'), CLASSIC)
    await writeFile(path('flows/test.yaml'), PLAIN)
    await writeFile(path('flows/notes.txt'), 'uses: port-labs/port-github-action@v1')
    await use({
      path,
      run: (...args) => runCommand(['migrate', ...args], { cwd: root }),
      read: (name) => readFile(path(name), 'utf8'),
    })
    await rm(root, { recursive: true })
  },
})

describe.concurrent('port-dispatch migrate', () => {
  it('prints a diff that git applies, and writes nothing', async ({ folder }) => {
    const { code, stdout, stderr } = await folder.run('flows')
    expect(code).toBe(0)
    expect(stderr).toContain('Nothing was written')
    expect(await folder.read('flows/ship.yml')).toBe(CLASSIC)
    await writeFile(folder.path('change.diff'), stdout)
    const applied = await runProcess('git', ['apply', 'change.diff'], {
      cwd: folder.path('.'),
      env: process.env,
    })
    expect(applied.stderr).toBe('')
    expect(await folder.read('flows/ship.yml')).toBe(migrated(CLASSIC).text)
  })

  it('changes the files with --write, and finds nothing to do the next time', async ({
    folder,
  }) => {
    expect((await folder.run('--write', 'flows')).code).toBe(0)
    expect(await folder.read('flows/ship.yml')).toBe(migrated(CLASSIC).text)
    expect(await folder.read('flows/test.yaml')).toBe(PLAIN)
    const { code, stdout, stderr } = await folder.run('flows')
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No step uses port-github-action.\n',
    })
  })

  it('fails with --check as long as a step is left', async ({ folder }) => {
    const before = await folder.run('--check', 'flows')
    expect(before).toMatchObject({ code: 1, stdout: '' })
    expect(before.stderr).toContain('flows/ship.yml: 3 steps of port-github-action')
    expect((await folder.run('--write', '--check', 'flows')).code).toBe(0)
    expect((await folder.run('--check', 'flows')).code).toBe(0)
  })

  it('names what is not YAML with line and column, and does the others', async ({ folder }) => {
    await writeFile(folder.path('flows/a.yml'), 'jobs:\n  a:\n    steps: [}\n')
    const { code, stderr } = await folder.run('--write', 'flows', 'gone.yml')
    expect(code).toBe(2)
    expect(stderr).toContain('flows/a.yml:3:13: is not valid YAML: ')
    expect(stderr).toContain('gone.yml: there is no such file')
    expect(await folder.read('flows/ship.yml')).not.toContain('port-labs')
  })

  it('passes over YAML that is no workflow', async ({ folder }) => {
    await writeFile(folder.path('other.yml'), 'uses: port-labs/port-github-action@v1\n')
    expect(await folder.run('--check', 'other.yml')).toMatchObject({ code: 0, stdout: '' })
  })

  it('adds the last line break that a file lacks only where it writes there', async ({
    folder,
  }) => {
    const text = workflowOf({ ship: WORK + portStep({ logMessage: 'Go' }) }).trimEnd()
    await writeFile(folder.path('a.yml'), text)
    const { stdout } = await folder.run('a.yml')
    expect(stdout).toContain('\n-      - uses: port-labs/port-github-action@v1\n+')
    await folder.run('--write', 'a.yml')
    expect(await folder.read('a.yml')).toBe(
      text.replace(/port-labs\S+/, 'port-dispatch/port-dispatch@v1'),
    )
  })
})
