import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@port-dispatch/core'
import { parseRenderedMethod } from '@port-dispatch/core/action'
import { type PortClient, reporterFor } from '@port-dispatch/core/port'
import { defaultDefinition, type Sandbox, startSandbox } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Router } from '../src/routes/router.ts'
import type { Intake, Settlement, Source, Work } from '../src/work.ts'
import { startAgent } from './start-agent.ts'

/** A source that a test gives its works to. */
class HandSource implements Source {
  readonly name = 'kafka'
  readonly state = { ready: true } as const
  #intake = Promise.withResolvers<Intake>()

  async run(intake: Intake, signal: AbortSignal): Promise<void> {
    this.#intake.resolve(intake)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  }

  async give(work: Partial<Work> & Pick<Work, 'runId' | 'invocationMethod'>): Promise<Settlement> {
    const intake = await this.#intake.promise
    return await intake.execute({
      source: 'kafka',
      message: { run: work.runId },
      context: { inputs: null, run: { id: work.runId } },
      mayHaveBegun: 'maybe',
      receivedAt: Date.now(),
      ...work,
    })
  }
}

const PIPELINE = {
  type: 'GITLAB',
  groupName: 'acme/platform',
  projectName: 'provisioning',
  defaultRef: 'main',
  pipelineVariables: { NAME: 'orders', ENVIRONMENT: 'staging' },
}

describe('a run that another process may have begun', () => {
  let sandbox: Sandbox
  let target: Server
  let url: string
  let received = 0

  beforeEach(async () => {
    received = 0
    target = createServer((request, response) => {
      received++
      request.resume().on('end', () => response.writeHead(200).end())
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`
    sandbox = await startSandbox({ definition: defaultDefinition, speed: 100 })
  })

  afterEach(async () => {
    target.closeAllConnections()
    target.close()
    await sandbox.close()
  })

  async function execute(
    invocationMethod: JsonObject,
    before: (port: PortClient, id: string) => Promise<unknown>,
    mayHaveBegun: Work['mayHaveBegun'] = 'maybe',
  ) {
    const source = new HandSource()
    const agent = startAgent(sandbox, { source: () => source })
    const { id } = sandbox.createPortRun('provision_database')
    await before(agent.port, id)
    const settlement = await source.give({ runId: id, invocationMethod, mayHaveBegun })
    await agent.stop()
    return { settlement, run: sandbox.portRun(id) }
  }

  const asynchronous = () => ({ type: 'WEBHOOK', url, agent: true })
  const synchronized = () => ({ ...asynchronous(), synchronized: true })
  const labelled = (statusLabel: string) => (port: PortClient, id: string) =>
    port.runs.update(id, { statusLabel })

  it.each([
    ['has no label', 'nothing', undefined],
    ['was given back', 'Waiting for an agent', 'Waiting for an agent'],
  ])('is started if it %s', async (_, __, label) => {
    const { run } = await execute(synchronized(), async (port, id) => {
      if (label) await port.runs.update(id, { statusLabel: label })
    })
    expect(received).toBe(1)
    expect(run).toMatchObject({ status: 'SUCCESS' })
  })

  it('is not started if its receiver has it', async () => {
    const { settlement, run } = await execute(asynchronous(), labelled('Sent to the receiver'))
    expect(received).toBe(0)
    expect(settlement).toEqual({ type: 'done', result: 'accepted' })
    expect(run?.status).toBe('IN_PROGRESS')
  })

  it('stays open, and says why, if nobody knows whether its receiver has it', async () => {
    const { settlement, run } = await execute(asynchronous(), labelled('Calling the webhook'))
    expect(received).toBe(0)
    expect(settlement).toEqual({ type: 'done', result: 'unknown' })
    expect(run).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Unknown whether it started',
      logs: [{ message: expect.stringMatching(/It is unknown whether the receiver acted/) }],
    })
  })

  it('fails, and says why, if the response of a synchronized webhook was never seen', async () => {
    const { run } = await execute(synchronized(), labelled('Calling the webhook'))
    expect(received).toBe(0)
    expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'Unknown whether it started' })
  })

  it.each(['SUCCESS', 'FAILURE'] as const)('is left alone if it ended with %s', async (status) => {
    const { settlement, run } = await execute(synchronized(), (port, id) =>
      port.runs.update(id, { status, statusLabel: 'Mine' }),
    )
    expect(received).toBe(0)
    expect(settlement).toEqual({ type: 'done', result: 'skipped' })
    expect(run).toMatchObject({ status, statusLabel: 'Mine' })
  })

  it.each(['WAITING_FOR_APPROVAL', 'DECLINED', 'A_STATUS_OF_TOMORROW'])(
    'is not started with the status %s',
    async (status) => {
      const { settlement } = await execute(synchronized(), async (_, id) =>
        Object.assign(sandbox.portRun(id) ?? {}, { status }),
      )
      expect(received).toBe(0)
      expect(settlement).toEqual({ type: 'done', result: 'skipped' })
    },
  )

  it.each([
    [
      'was begun',
      'Starting on GitHub',
      { status: 'IN_PROGRESS', statusLabel: 'Unknown whether it started' },
    ],
    ['was not begun', undefined, { status: 'FAILURE', statusLabel: 'Not started' }],
  ])('that cannot be planned, and %s, ends as what is known of it', async (_, label, end) => {
    const elsewhere = { type: 'GITHUB', org: 'acme', repo: 'nowhere', workflow: 'deploy.yml' }
    const { run } = await execute(elsewhere, async (port, id) => {
      if (label) await port.runs.update(id, { statusLabel: label })
    })
    expect(run).toMatchObject(end)
    expect(run?.logs.at(-1)?.message).toContain('acme/nowhere')
  })

  it('is followed if it is linked, also where the source thinks that it is new', async () => {
    const source = new HandSource()
    const { id } = sandbox.createPortRun('provision_database')
    const first = startAgent(sandbox, { source: () => source })
    const work = { runId: id, invocationMethod: PIPELINE, mayHaveBegun: 'no' } as const
    const begun = source.give(work)
    await expect.poll(() => sandbox.portRun(id)?.externalRunId).toBeDefined()
    await first.stop()
    expect(await begun).toEqual({ type: 'handed-over', begun: true })

    const other = new HandSource()
    const second = startAgent(sandbox, { source: () => other })
    expect(await other.give(work)).toEqual({ type: 'done', result: 'success' })
    await second.stop()
    expect(sandbox.gitlabPipelines('acme/platform/provisioning')).toHaveLength(1)
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS' })
  })

  it('is followed once its backend shows it, if that refuses everything when another agent comes to it', async () => {
    const method = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }
    const workflowInputs = { service: 'web', environment: 'staging' }
    const { id } = sandbox.createPortRun('provision_database')
    const api = `${sandbox.environment.GITHUB_API_URL}`
    const path = 'repos/acme/services/actions/workflows/deploy.yml/dispatches'
    const started = await fetch(`${api}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.environment.GITHUB_TOKEN}` },
      body: JSON.stringify({ ref: 'main', inputs: workflowInputs, return_run_details: true }),
    })
    const { workflow_run_id: workflowRunId } = (await started.json()) as JsonObject
    const externalRunId = `gh_90211_710045_${workflowRunId}`

    let isAway = true
    const github = createServer(async ({ url = '', headers }, response) => {
      if (isAway) {
        isAway = false
        response.writeHead(401).end('{"message":"Bad credentials"}')
        return
      }
      const { authorization = '' } = headers
      const shown = await fetch(api + url, { headers: { authorization } })
      response
        .writeHead(shown.status, { 'content-type': 'application/json' })
        .end(await shown.text())
    })
    await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve))
    const githubUrl = `http://127.0.0.1:${(github.address() as AddressInfo).port}`
    const source = new HandSource()
    const agent = startAgent(sandbox, { source: () => source, githubUrl })
    await agent.port.runs.update(id, { externalRunId, statusLabel: 'Running' })
    const invocationMethod = { ...method, workflowInputs }
    expect(await source.give({ runId: id, invocationMethod })).toEqual({
      type: 'done',
      result: 'success',
    })
    await agent.stop()
    github.closeAllConnections()
    github.close()
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS' })
  })

  it('is found by its run ID if it was started and never linked', async () => {
    const source = new HandSource()
    const { id } = sandbox.createPortRun('provision_database')
    const variables = { ...PIPELINE.pipelineVariables, PORT_RUN_ID: id }
    const agent = startAgent(sandbox, { source: () => source })
    await agent.port.runs.update(id, { statusLabel: 'Starting on GitLab' })
    await fetch(`${sandbox.url}/api/v4/projects/acme%2Fplatform%2Fprovisioning/pipeline`, {
      method: 'POST',
      headers: {
        'private-token': sandbox.environment.GITLAB_TOKEN ?? '',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        ref: 'main',
        variables: Object.entries(variables).map(([key, value]) => ({ key, value })),
      }),
    })
    const invocationMethod = { ...PIPELINE, pipelineVariables: variables }
    expect(await source.give({ runId: id, invocationMethod })).toEqual({
      type: 'done',
      result: 'success',
    })
    await agent.stop()
    expect(sandbox.gitlabPipelines('acme/platform/provisioning')).toHaveLength(1)
    expect(sandbox.portRun(id)?.externalRunId).toMatch(/^gl_/)
  })
  it('is left to the agent that is at it, until that has said how it ended', async () => {
    const respond = Promise.withResolvers<void>()
    target.removeAllListeners('request')
    target.on('request', async (request, response) => {
      received++
      await respond.promise
      request.resume().on('end', () => response.writeHead(200).end())
    })
    const { id } = sandbox.createPortRun('provision_database')
    const [first, second] = [new HandSource(), new HandSource()]
    const agents = [first, second].map((source) =>
      startAgent(sandbox, { source: () => source, callWithin: 60_000 }),
    )
    const work = { runId: id, invocationMethod: synchronized() }
    const begun = first.give(work)
    await expect.poll(() => received).toBe(1)
    const again = second.give(work)
    respond.resolve()
    expect(await begun).toEqual({ type: 'done', result: 'success' })
    expect(await again).toEqual({ type: 'done', result: 'skipped' })
    await Promise.all(agents.map((agent) => agent.stop()))
    expect(received).toBe(1)
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS', statusLabel: '200 OK' })
  })

  it('is started once if its webhook reaches several agents at one moment', async () => {
    const sources = [new HandSource(), new HandSource(), new HandSource()]
    const router: Router = {
      route: async () => ({
        type: 'method',
        method: parseRenderedMethod('WEBHOOK', synchronized()),
      }),
    }
    const agents = sources.map((source) =>
      startAgent(sandbox, { source: () => source, router, callWithin: 60_000 }),
    )
    const ids = Array.from({ length: 20 }, () => sandbox.createPortRun('provision_database').id)
    const settled = await Promise.all(
      ids.map(async (runId) => {
        const work = { runId, invocationMethod: synchronized(), source: 'webhook' } as const
        return await Promise.all(sources.map((source) => source.give(work)))
      }),
    )
    await Promise.all(agents.map((agent) => agent.stop()))
    expect(received).toBe(20)
    for (const settlements of settled) {
      const results = settlements.map((settlement) => 'result' in settlement && settlement.result)
      expect(results.toSorted()).toEqual(['skipped', 'skipped', 'success'])
    }
    for (const id of ids) expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS' })
  })

  it('is not ended by an agent that stops at the moment in which another one has taken it', async () => {
    const source = new HandSource()
    const agent = startAgent(sandbox, { source: () => source })
    const { id: taken } = sandbox.createPortRun('provision_database')
    const { id: free } = sandbox.createPortRun('provision_database')
    await agent.port.runs.addLog(taken, { message: 'An agent has taken this run (0badcafe).' })
    for (const runId of [taken, free]) {
      const refusal = {
        source: 'webhook',
        reason: 'stopped',
        message: 'The agent stopped.',
      } as const
      await agent.worker.refuse({ ...refusal, runId, mayBeOthers: true })
    }
    await agent.stop()
    expect(sandbox.portRun(taken)).toMatchObject({ status: 'IN_PROGRESS' })
    expect(sandbox.portRun(free)).toMatchObject({ status: 'FAILURE', statusLabel: 'Not started' })
  })

  describe('of a node of a workflow', () => {
    const id = 'wfnr_Node0000000001'
    const mark = (stage?: string) => [`port-dispatch:${id}`, stage].filter(Boolean).join(':')

    async function executeNode(
      invocationMethod: JsonObject,
      externalRunId: string | undefined,
      mayHaveBegun: Work['mayHaveBegun'] = 'maybe',
    ) {
      const source = new HandSource()
      const agent = startAgent(sandbox, { source: () => source })
      sandbox.createNodeRun({ identifier: id })
      if (externalRunId) await agent.port.nodeRuns.update(id, { externalRunId })
      const settlement = await source.give({ runId: id, invocationMethod, mayHaveBegun })
      await agent.stop()
      return { settlement, run: sandbox.nodeRun(id) }
    }

    it.each([
      ['nothing was begun', undefined],
      ['it was given back', 'waiting'],
    ])('is started if %s', async (_, stage) => {
      const { run } = await executeNode(synchronized(), stage && mark(stage))
      expect(received).toBe(1)
      expect(run).toMatchObject({ status: 'COMPLETED', result: 'SUCCESS' })
    })

    it('is not started again once its receiver has it', async () => {
      const { run: sent } = await executeNode(asynchronous(), undefined)
      expect(sent).toMatchObject({ status: 'IN_PROGRESS', externalRunId: mark('accepted') })
      const { settlement } = await executeNode(asynchronous(), sent?.externalRunId)
      expect(received).toBe(1)
      expect(settlement).toEqual({ type: 'done', result: 'accepted' })
    })

    it('says once that nobody knows whether its receiver has it', async () => {
      const { settlement, run } = await executeNode(asynchronous(), mark())
      expect(received).toBe(0)
      expect(settlement).toEqual({ type: 'done', result: 'unknown' })
      expect(run).toMatchObject({
        status: 'IN_PROGRESS',
        externalRunId: mark('unknown'),
        logs: [{ level: 'WARN', message: expect.stringMatching(/unknown whether the receiver/) }],
      })
      const again = await executeNode(asynchronous(), run?.externalRunId)
      expect(again).toMatchObject({ settlement: { result: 'unknown' }, run: { logs: [] } })
    })

    it('is linked to the pipeline that an agent before had started', async () => {
      const pipeline = { ...PIPELINE, pipelineVariables: { ...PIPELINE.pipelineVariables, ID: id } }
      const headers = { 'private-token': sandbox.environment.GITLAB_TOKEN ?? '' }
      const body = JSON.stringify({
        ref: 'main',
        variables: Object.entries(pipeline.pipelineVariables).map(([key, value]) => ({
          key,
          value,
        })),
      })
      const project = encodeURIComponent('acme/platform/provisioning')
      const created = await fetch(`${sandbox.url}/api/v4/projects/${project}/pipeline`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      })
      expect(created.status).toBe(201)
      const { run } = await executeNode(pipeline, mark())
      expect(sandbox.gitlabPipelines('acme/platform/provisioning')).toHaveLength(1)
      expect(run).toMatchObject({
        status: 'COMPLETED',
        result: 'SUCCESS',
        externalRunId: expect.stringMatching(/^gl_/),
      })
    })

    it('leaves its external run ID to the work that reports on itself', async () => {
      const { run } = await executeNode(asynchronous(), undefined)
      expect(run?.externalRunId).toBe(mark('accepted'))
      const { port } = startAgent(sandbox)
      const reporter = reporterFor(port, id)
      await reporter.update({ externalRunId: 'gh_1_2' })
      expect(sandbox.nodeRun(id)?.externalRunId).toBe('gh_1_2')
    })
  })
})

it('a change of the catalog that waits for its receiver when the agent stops is sent by another agent', async () => {
  const sandbox = await startSandbox({ definition: defaultDefinition })
  onTestFinished(async () => await sandbox.close())
  const source = new HandSource()
  // What waits until the time to stop is up would never end.
  const agent = startAgent(sandbox, { source: () => source, grace: 600_000 })
  const nobody = createServer()
  await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve))
  const { port } = nobody.address() as AddressInfo
  await new Promise((resolve) => nobody.close(resolve))
  const url = `http://127.0.0.1:${port}/`
  const change = {
    runId: 'changes-0-1',
    isChange: true,
    invocationMethod: { type: 'WEBHOOK', url },
  }
  const given = source.give({ ...change, isChange: true })
  await expect.poll(() => agent.worker.inFlight.starting).toBe(1)
  await agent.stop()
  expect(await given).toEqual({ type: 'handed-over' })
})
