import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { VARIABLES } from '@port-dispatch/dispatcher/host'
import { describe, expect } from 'vitest'
import { MAIN, refuseSecrets } from '../support/run-command.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)]

/** The commands of a page, as a person would paste them one after the other into one shell. */
function commands(page: string): string {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```sh\n(.*?)^```/gms)
  return [...blocks]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => !/^(npm|port-dispatch) /.test(line))
    .join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

describe.concurrent('the commands of the documentation work', () => {
  it.for(pages.filter((page) => commands(page).includes('npx ')))(
    '%s',
    { timeout: 60_000 },
    async (page, { sandbox }) => {
      const script = [
        'set -em',
        `npx() { shift; "${process.execPath}" --conditions=port-dispatch-source "${MAIN}" "$@"; }`,
        commands(page).replaceAll('4010', String(await freePort())),
      ].join('\n')
      const env = { PATH: process.env.PATH, ...sandbox.environment }
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { env })
      refuseSecrets(`${stdout}${stderr}`, env)
      expect(stderr).not.toContain('error:')
    },
  )
})

it.for(Object.values(VARIABLES))('docs/environment.md describes %s', (variable) => {
  expect(readFileSync('docs/environment.md', 'utf8')).toContain(`\`${variable}\``)
})

it.for(pages)('npx names the package that is published in %s', (page) => {
  const { name } = JSON.parse(readFileSync('packages/cli/package.json', 'utf8'))
  const called = readFileSync(page, 'utf8').matchAll(
    /^ *(?:- )?npx (?:--yes )?(?:--package=)?(\S+)/gm,
  )
  for (const [line, spec = ''] of called) expect(spec.replace(/@[\d.]+$/, ''), line).toBe(name)
})
