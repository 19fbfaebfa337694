import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { packCommand } from './packed-command.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Published {
  /** Environment in which `npx` and git find what is not published yet. */
  env: Record<string, string>
  close: () => Promise<void>
}

/** Stands in for the npm registry and gitlab.com, as if this working copy were released as its version. */
export async function publish(): Promise<Published> {
  const { version } = JSON.parse(await readFile(join(root, 'packages/cli/package.json'), 'utf8'))
  const server = await serveRegistry(version)
  const folder = await makeComponentProject(version)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    env: {
      npm_config_registry: `http://127.0.0.1:${port}`,
      // What the registry said is not to outlive it.
      npm_config_cache: join(folder, '.npm'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${folder}.insteadOf`,
      GIT_CONFIG_VALUE_0: 'ssh://git@gitlab.com:22/port-dispatch/port-dispatch.git',
    },
    close: async () => {
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function serveRegistry(version: string): Promise<Server> {
  const name = '@port-dispatch/cli'
  const tarball = await readFile((await packCommand()).tarball)
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const server = createServer(({ url, headers }, response) => {
    if (url === '/cli.tgz') return response.end(tarball)
    if (decodeURIComponent(url ?? '') !== `/${name}`) return response.writeHead(404).end('{}')
    const dist = { integrity, tarball: `http://${headers.host}/cli.tgz` }
    const bin = { 'port-dispatch': 'bin/port-dispatch.cjs' }
    const versions = { [version]: { name, version, bin, dist } }
    return response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function makeComponentProject(version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-components-'))
  await cp(join(root, 'templates'), join(folder, 'templates'), { recursive: true })
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: folder })
  await git('init', '-q')
  await git('add', '-A')
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-qm', 'Release')
  await git('tag', version)
  return folder
}
