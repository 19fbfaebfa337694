import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { actionDefinition, inputVariables } from '../../support/action-definition.ts'
import { readFileCommands } from '../../support/workflow-commands.ts'

// Steps of port-labs/port-github-action that people have published, with what it did, run through our bundle. They are
// not part of this repository: PORT_DISPATCH_CORPUS names the folder with steps.json.

interface Call {
  method: string
  path: string
  body?: unknown
  status: number
}

interface RunState {
  id: string
  status: string
  logs: string[]
  link?: unknown
  summary?: string
}

interface PublishedStep {
  operation: string
  inputs: Record<string, string>
  where: string[]
  expected: {
    exitCode: number
    requests: Call[]
    outputs: Record<string, string>
    run: RunState
  }
}

const FILE = join(process.env.PORT_DISPATCH_CORPUS ?? '', 'steps.json')
const RUN = 'r_Abc123Def456Ghi7'
const BUNDLE = resolve(import.meta.dirname, '../../..', actionDefinition.runs.main)

describe.skipIf(!process.env.PORT_DISPATCH_CORPUS || !existsSync(FILE))(
  'published steps of port-github-action, with PORT_DISPATCH_CORPUS',
  () => {
    it('do the same or better with our Action', { timeout: 600_000 }, async () => {
      const steps: PublishedStep[] = JSON.parse(await readFile(FILE, 'utf8'))
      const queue = [...steps.entries()]
      const problems: string[] = []
      const counts = { equal: 0, fewer: 0 }
      await Promise.all(
        Array.from({ length: 2 }, async () => {
          for (let next = queue.shift(); next; next = queue.shift()) {
            const [index, step] = next
            const ours = await runStep(step.inputs)
            const found = differences(step, ours)
            if (found.length > 0) problems.push(`${index} ${step.operation}: ${found.join('; ')}`)
            else if (ours.requests.length < step.expected.requests.length) counts.fewer++
            else counts.equal++
          }
        }),
      )
      process.stderr.write(
        `${steps.length} steps: ${counts.equal} equal, ${counts.fewer} with fewer requests, ${problems.length} different\n`,
      )
      expect(problems).toEqual([])
    })
  },
)

interface Result {
  exitCode: number | null
  requests: Call[]
  outputs: Record<string, string>
  run: RunState
  log: string
}

function differences({ expected }: PublishedStep, ours: Result): string[] {
  const found: string[] = []
  if (ours.exitCode !== expected.exitCode) {
    found.push(`exit ${ours.exitCode}, not ${expected.exitCode}: ${ours.log.slice(0, 400)}`)
  }
  for (const [name, value] of Object.entries(expected.outputs)) {
    if (ours.outputs[name] !== value)
      found.push(`output ${name} is ${ours.outputs[name]}, not ${value}`)
  }
  // Port takes one link as text and in a list alike.
  const plain = ({ link = [], ...run }: RunState) => ({ ...run, link: [link].flat() })
  if (!isDeepStrictEqual(plain(ours.run), plain(expected.run))) {
    found.push(`the run is ${JSON.stringify(ours.run)}, not ${JSON.stringify(expected.run)}`)
  }
  if (ours.requests.length > expected.requests.length) found.push('has more requests')
  // What changes a run is compared by the run: our requests for it are fewer.
  const others = (calls: Call[]) =>
    calls.filter(({ path }) => !path.startsWith('/v1/actions/runs/')).map(normal)
  if (!isDeepStrictEqual(others(ours.requests), others(expected.requests))) {
    found.push(
      `sent ${JSON.stringify(others(ours.requests))}, not ${JSON.stringify(others(expected.requests))}`,
    )
  }
  return found
}

function normal({ method, path, body }: Call): unknown {
  const [pathname, query] = path.split('?')
  const signsIn = pathname === '/v1/auth/access_token'
  return [method, pathname, [...new URLSearchParams(query)].sort(), signsIn ? undefined : body]
}

/** Runs the bundle with Port as it was when the steps were recorded. */
async function runStep(inputs: Record<string, string>): Promise<Result> {
  const run: RunState = { id: RUN, status: 'IN_PROGRESS', logs: [] }
  const requests: Call[] = []
  const server = createServer(async (request, response) => {
    const sent = await text(request)
    const body = sent === '' ? undefined : JSON.parse(sent)
    const { method = '', url: path = '' } = request
    const answer = answerTo(method, path, body, run)
    requests.push({ method, path, status: answer.status, ...(body !== undefined && { body }) })
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer.body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-published-'))
  try {
    await writeFile(join(folder, 'output'), '')
    await writeFile(join(folder, 'state'), '')
    await writeFile(join(folder, 'event'), '{}')
    const { port } = server.address() as AddressInfo
    // The runner warns of inputs that an action does not have, and hands them over all the same.
    const known = Object.entries(inputs).filter(([name]) => actionDefinition.inputs[name])
    const child = spawn(process.execPath, [BUNDLE], {
      env: {
        PATH: process.env.PATH,
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: 'acme/services',
        GITHUB_RUN_ID: '1',
        GITHUB_EVENT_NAME: 'workflow_dispatch',
        GITHUB_EVENT_PATH: join(folder, 'event'),
        GITHUB_OUTPUT: join(folder, 'output'),
        GITHUB_STATE: join(folder, 'state'),
        ...inputVariables(
          { ...Object.fromEntries(known), baseUrl: `http://127.0.0.1:${port}` },
          { 'job.status': 'success', 'github.token': '' },
        ),
      },
    })
    const exited = new Promise<number | null>((done) => child.once('close', done))
    const log = (await Promise.all([text(child.stdout), text(child.stderr)])).join('')
    const exitCode = await exited
    const outputs = readFileCommands(await readFile(join(folder, 'output'), 'utf8'))
    return { exitCode, requests, outputs, run, log }
  } finally {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true })
  }
}

interface Answer {
  status: number
  body: unknown
}

function answerTo(
  method: string,
  path: string,
  body: Record<string, unknown>,
  run: RunState,
): Answer {
  const route = `${method} ${path.split('?')[0]}`
  if (route === 'POST /v1/auth/access_token') {
    return {
      status: 200,
      body: { ok: true, accessToken: 't', expiresIn: 3600, tokenType: 'Bearer' },
    }
  }
  if (route === `POST /v1/actions/runs/${RUN}/logs`) {
    run.logs.push(String(body.message))
    if (body.terminationStatus) run.status = String(body.terminationStatus)
    return { status: 201, body: { ok: true, runLog: {} } }
  }
  if (route === `PATCH /v1/actions/runs/${RUN}`) {
    Object.assign(run, body)
    return { status: 200, body: { ok: true, run } }
  }
  if (/^POST \/v1\/actions\/[^/]+\/runs$/.test(route)) {
    return { status: 202, body: { ok: true, run: { id: 'r_created1', status: 'IN_PROGRESS' } } }
  }
  if (/^POST \/v1\/blueprints\/[^/]+\/entities$/.test(route)) {
    return { status: 200, body: { ok: true, entity: { identifier: 'e1', ...body } } }
  }
  if (/^GET \/v1\/blueprints\/[^/]+\/entities\/[^/]+$/.test(route)) {
    const entity = { identifier: 'e1', blueprint: 'b', properties: {}, relations: {} }
    return { status: 200, body: { ok: true, entity } }
  }
  if (/^DELETE \/v1\/blueprints\/[^/]+\/entities\/[^/]+$/.test(route)) {
    return { status: 200, body: { ok: true } }
  }
  if (route === 'POST /v1/entities/search') return { status: 200, body: { ok: true, entities: [] } }
  return { status: 404, body: { ok: false, error: 'not_found', message: 'Not found' } }
}
