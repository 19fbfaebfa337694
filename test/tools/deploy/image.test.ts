import { type ChildProcess, spawn } from 'node:child_process'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { defaultDefinition, type Sandbox, startSandbox } from '@port-dispatch/sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { selfSigned } from '../../support/certificate.ts'
import { freePort } from '../../support/free-port.ts'
import { Receiver } from '../../support/receiver.ts'
import { buildImage, type Image } from './image.ts'

/** Only root can enter another file system. */
const isRoot = process.getuid?.() === 0
if (!isRoot) process.stderr.write('The image is not tested: that takes root, for chroot.\n')

async function ended(child: ChildProcess) {
  const code = new Promise<number | null>((done) => child.once('close', done))
  if (!child.stdout || !child.stderr) throw new Error('It has no output.')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}

describe.skipIf(!isRoot)('the image', () => {
  let folder: string
  let image: Image

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'port-dispatch-image-'))
    image = buildImage(folder)
  }, 600_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const started: ChildProcess[] = []
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  /** Starts a program of the image with nothing but what a container has: its files, which it cannot write, its user. */
  const start = (args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn('chroot', [`--userspec=${image.user}`, image.root, ...args], {
      env: { PATH: process.env.PATH, HOME: '/home/nonroot', ...image.env, ...env },
      cwd: '/',
    })
    started.push(child)
    return child
  }

  /** The agent, in the working directory of the image. */
  const agent = (sandbox: Sandbox, operations: number, env: Record<string, string> = {}) =>
    start([...inWorkdir(image), ...image.command], {
      ...sandbox.environment,
      PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1',
      PORT_DISPATCH_OPERATIONS_LISTEN: `127.0.0.1:${operations}`,
      PORT_DISPATCH_NODE_RUNS: 'no',
      ...env,
    })

  const healthOf = async (operations: number) => {
    const env = { PORT_DISPATCH_OPERATIONS_LISTEN: `0.0.0.0:${operations}` }
    return await ended(start(image.healthcheck, env))
  }

  it('holds what is needed to run, and neither sources, tests nor tools', () => {
    const files = readdirSync(join(image.root, image.workdir), {
      recursive: true,
      encoding: 'utf8',
    })
    const own = files.filter((file) => !file.startsWith('node_modules/'))
    expect(own.filter((file) => /\.ts$|\.map$|(^|\/)(test|src)(\/|$)/.test(file))).toEqual([])
    const tools = /^node_modules\/(typescript|vitest|@biomejs|@vercel|gitlab-ci-local|node)(\/|$)/
    expect(files.filter((file) => tools.test(file))).toEqual([])
    expect(own).toContain('LICENSE')
  })

  it('takes runs as a user without rights, in files that it cannot write, and ends when it is asked to', async () => {
    const sandbox = await startSandbox()
    const operations = await freePort()
    expect(image.user).toBe('65532:65532')
    const write = `fs.writeFileSync('${image.workdir}/x', '')`
    const written = await ended(start([image.entrypoint[0] ?? '', '--eval', write]))
    expect(written.stderr).toContain('EACCES')
    const child = agent(sandbox, operations)
    const end = ended(child)
    await vi.waitFor(() => expect(sandbox.portRun('r_RestartDeploy001')?.status).toBe('SUCCESS'), {
      timeout: 60_000,
    })
    expect(await healthOf(operations)).toMatchObject({ code: 0, stderr: '' })
    child.kill('SIGTERM')
    expect(await end).toMatchObject({ code: 0, stderr: '' })
    expect(await healthOf(operations)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The agent does not respond: connect ECONNREFUSED'),
    })
    await sandbox.close()
  })

  it('reads a mapping file and trusts a certificate where port-agent has them mounted', async () => {
    const certificate = selfSigned()
    await using target = await Receiver.start((response) => response.end('{}'), certificate)
    const sandbox = await startSandbox({
      definition: {
        ...defaultDefinition,
        port: {
          ...defaultDefinition.port,
          actions: [
            {
              identifier: 'a',
              trigger: { type: 'self-service' },
              invocationMethod: { type: 'WEBHOOK', agent: true, url: target.url },
            },
          ],
          runs: [{ id: 'r_1', action: 'a' }],
        },
      },
    })
    const mapping = join(image.root, image.workdir, 'control_the_payload_config.json')
    writeFileSync(mapping, '[{"method": "\\"PUT\\""}]')
    const mounted = join(image.root, image.env.NODE_EXTRA_CA_CERTS ?? '')
    copyFileSync(mounted, `${mounted}.before`)
    writeFileSync(mounted, certificate.cert)
    const child = agent(sandbox, await freePort())
    const end = ended(child)
    await vi.waitFor(() => expect(target.received).toHaveLength(1), { timeout: 60_000 })
    child.kill('SIGTERM')
    await end
    rmSync(mapping)
    copyFileSync(`${mounted}.before`, mounted)
    expect(target.only.method).toBe('PUT')
    await sandbox.close()
  })

  it('has the client of Kafka', async () => {
    const sandbox = await startSandbox()
    const child = agent(sandbox, await freePort(), {
      PORT_DISPATCH_SOURCE: 'kafka',
      PORT_ORG_ID: 'org_acme',
      KAFKA_BROKERS: `127.0.0.1:${await freePort()}`,
    })
    const end = ended(child)
    let log = ''
    child.stdout?.on('data', (bytes) => {
      log += String(bytes)
    })
    await vi.waitFor(() => expect(log).toContain('Could not take runs from Kafka'), {
      timeout: 60_000,
    })
    child.kill('SIGTERM')
    expect(await end).toMatchObject({ code: 0, stderr: '' })
    await sandbox.close()
  })

  it('shows with the example of docker compose how the agent takes a run', async () => {
    const file = join(import.meta.dirname, '../../../deploy/compose/try.yaml')
    const port = await freePort()
    const { services } = parse(readFileSync(file, 'utf8').replaceAll('4010', String(port)))
    const { port: sandbox, agent: service } = services
    const served = start([...image.entrypoint, ...sandbox.command])
    const ready = async () => await ended(start(sandbox.healthcheck.test.slice(1)))
    await vi.waitFor(async () => expect((await ready()).code).toBe(0), { timeout: 60_000 })
    const operations = `127.0.0.1:${await freePort()}`
    const env = { ...service.environment, PORT_DISPATCH_OPERATIONS_LISTEN: operations }
    const child = start([...inWorkdir(image), ...image.command], env)
    const url = `${service.environment.PORT_BASE_URL}/webhooks`
    await vi.waitFor(
      async () => expect(await (await fetch(url)).text()).toContain('POST /webhooks/restart'),
      { timeout: 60_000 },
    )
    for (const process of [child, served]) {
      process.kill('SIGTERM')
      expect(await ended(process)).toMatchObject({ code: 0 })
    }
  })

  it('has the command, for the sandbox', async () => {
    const { code, stdout } = await ended(start([...image.entrypoint, 'sandbox', '--help']))
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('--port') })
  })

  it('is not started without settings, and says which', async () => {
    const { code, stderr } = await ended(start([...image.entrypoint, ...image.command]))
    expect(code).toBe(2)
    expect(stderr).toContain('PORT_CLIENT_ID: is missing')
  })
})

/** chroot begins in `/`; Node changes to the working directory of the image before its program is loaded. */
function inWorkdir({ entrypoint, workdir }: Image): string[] {
  const [node = '', ...rest] = entrypoint
  const change = `data:text/javascript,process.chdir(${JSON.stringify(workdir)})`
  return [node, '--import', change, ...rest]
}
