import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { packCommand } from './gitlab/packed-command.ts'

const run = promisify(execFile)

describe('the package that npx runs', () => {
  let folder: string
  let unpackedSize: number

  beforeAll(async () => {
    const packed = await packCommand()
    unpackedSize = packed.unpackedSize
    folder = await mkdtemp(join(tmpdir(), 'port-dispatch-package-'))
    await run('tar', ['-xzf', packed.tarball, '-C', folder, '--strip-components=1'])
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const command = (args: string[], env: Record<string, string | undefined> = {}) =>
    run(process.execPath, [join(folder, 'bin/port-dispatch.cjs'), ...args], {
      env: { PATH: process.env.PATH, ...env },
    })

  it('has no dependencies, and less than 5 MB', async () => {
    const description = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    expect(description).not.toHaveProperty('dependencies')
    expect(description).not.toHaveProperty('peerDependencies')
    expect(unpackedSize).toBeLessThan(5e6)
  })

  it('holds its license and those of what is bundled', async () => {
    expect(await readdir(folder)).toContain('LICENSE')
    const licenses = await readFile(join(folder, 'dist/licenses.txt'), 'utf8')
    for (const name of ['jq-wasm', '@gitbeaker/core', '@octokit/core', 'commander', 'yaml']) {
      expect(licenses).toContain(`${name}\n`)
    }
  })

  it('knows its version', async () => {
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    expect((await command(['--version'])).stdout).toBe(`${version}\n`)
  })

  it('renders with jq', async () => {
    const { stdout } = await command([
      'render',
      '--action',
      '{"type": "GITHUB", "org": "a", "repo": "b", "workflow": "c.yml", "workflowInputs": {"tags": "{{ .inputs.tags | map(ascii_upcase) | join(\\"+\\") }}"}}',
      '--context',
      join(fileURLToPath(new URL('.', import.meta.url)), 'gitlab/context.json'),
    ])
    expect(JSON.parse(stdout)).toMatchObject({ workflowInputs: { tags: 'A+B' } })
  })

  it('loads little to report', async ({ sandbox }) => {
    const coverage = join(folder, 'coverage')
    await command(
      ['report', 'start', '--run-id', 'r_DeployService001', '--link', 'https://ci.example.com'],
      {
        ...sandbox.environment,
        NODE_V8_COVERAGE: coverage,
      },
    )
    const [report = ''] = await readdir(coverage)
    const { result } = JSON.parse(await readFile(join(coverage, report), 'utf8')) as {
      result: { url: string }[]
    }
    const loaded = result.map(({ url }) => url).filter((url) => url.includes('/dist/'))
    const sizes = await Promise.all(
      loaded.map(async (url) => (await stat(fileURLToPath(url))).size),
    )
    expect(sizes.length).toBeGreaterThan(1)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
  })
})
