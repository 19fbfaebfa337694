import {
  describeReport,
  type Reporter,
  type ReporterOptions,
  reporterFor,
} from '@port-dispatch/core/port'
import { githubOutcome } from '@port-dispatch/core/run'
import { createRedactor } from '@port-dispatch/core/text'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fault, PortServer, refusal } from './port-server.ts'

const NODE = 'wfnr_1'
const LINK = 'https://ci.example/1'
const END = { status: 'SUCCESS', statusLabel: 'Success', message: 'All done' } as const

let port: PortServer

beforeEach(async () => {
  port = await PortServer.start()
  port.nodeRuns.set(NODE, { identifier: NODE, status: 'IN_PROGRESS', links: [] })
})

afterEach(() => port.close())

function reporter(options?: ReporterOptions): Reporter {
  return reporterFor(port.client(), NODE, options)
}

function node() {
  return port.nodeRuns.get(NODE)
}

describe('reporting on a workflow node run', () => {
  it('sends logs with their level, then the result and the output', async () => {
    const output = { url: 'https://shop.example', replicas: 3 }
    expect(await reporter().finish({ ...END, output })).toMatchObject({ type: 'delivered' })
    expect(port.nodeLogs).toEqual([{ level: 'INFO', message: 'All done' }])
    expect(node()).toMatchObject({ status: 'COMPLETED', result: 'SUCCESS', output })
    expect(port.calls).toEqual([
      `POST /v1/workflows/nodes/runs/${NODE}/logs`,
      `PATCH /v1/workflows/nodes/runs/${NODE}`,
    ])
  })

  it.each([
    ['failure', 'FAILED', 'ERROR'],
    ['cancelled', 'CANCELLED', 'WARN'],
    ['success', 'SUCCESS', 'INFO'],
  ])('that ended with %s is %s', async (conclusion, result, level) => {
    await reporter().finish({ ...githubOutcome(conclusion), message: 'x' })
    expect(node()).toMatchObject({ result })
    expect(port.nodeLogs).toEqual([{ level, message: 'x' }])
  })

  it('writes a label and a summary, which node runs do not have, into its log', async () => {
    await reporter().update({ statusLabel: 'Running', summary: 'Two services' })
    expect(port.nodeLogs.map(({ message }) => message)).toEqual(['Running', 'Two services'])
    expect(node()).not.toHaveProperty('statusLabel')
  })

  it('adds its link to those of others, and keeps their external run id', async () => {
    Object.assign(node() ?? {}, { links: ['https://theirs.example'], externalRunId: 'gh_theirs' })
    await reporter().update({ statusLabel: 'Running', link: LINK, externalRunId: 'gh_1_2_3' })
    expect(node()).toMatchObject({
      links: ['https://theirs.example', LINK],
      externalRunId: 'gh_theirs',
    })
  })

  it('logs with a level', async () => {
    await reporter().log('Disk is nearly full', 'WARN')
    expect(port.nodeLogs).toEqual([{ level: 'WARN', message: 'Disk is nearly full' }])
  })

  it('leaves one alone that has ended', async () => {
    Object.assign(node() ?? {}, { status: 'COMPLETED', result: 'FAILED' })
    expect(await reporter().finish(END)).toMatchObject({
      type: 'ended',
      run: { status: 'FAILURE' },
    })
    expect(await reporter().log('x')).toMatchObject({ type: 'ended' })
  })

  it('gives what a webhook responded to later nodes, unless the end has an output of its own', async () => {
    const reports = reporter()
    await reports.saveResponse({ id: 7 }, 200)
    await reports.finish(END)
    expect(node()).toMatchObject({ output: { response: { status: 200, data: { id: 7 } } } })
  })

  it('knows who else carries an external run id', async () => {
    port.nodeRuns.set('wfnr_2', { identifier: 'wfnr_2', status: 'X', externalRunId: 'gh_1' })
    expect(await reporter().isReportedByAnother('gh_1')).toBe('yes')
    expect(await reporter().isReportedByAnother('gh_2')).toBe('no')
    port.fault = () => refusal(404, 'not_found')
    expect(await reporter().isReportedByAnother('gh_1')).toBe('unknown')
  })
})

describe('an output', () => {
  it('can be reported before the end, and is not lost by it', async () => {
    await reporter().update({ output: { plan: '3 to add' } })
    expect(node()).toMatchObject({ status: 'IN_PROGRESS', output: { plan: '3 to add' } })
    expect(port.calls).toEqual([`PATCH /v1/workflows/nodes/runs/${NODE}`])
  })

  it('that could not be reported goes with the end, unless the end has one', async () => {
    port.fault = ({ body }) => (body.output ? { status: 500 } : undefined)
    const reports = reporter({ timeLimit: 1_000 })
    expect(await reports.update({ output: { early: true } })).toMatchObject({
      type: 'failed',
      lost: [{ what: 'output', value: '{"early":true}' }],
    })
    port.fault = () => undefined
    await reports.finish({ ...END, output: { late: true } })
    expect(node()).toMatchObject({ status: 'COMPLETED', output: { late: true } })
    expect(port.requests.filter(({ body }) => body.status === 'COMPLETED')).toHaveLength(1)
  })

  it('that is too large does not keep the rest of a change from Port', async () => {
    const result = await reporter().update({ link: LINK, output: 'x'.repeat(1_100_000) })
    expect(node()).toMatchObject({ links: [LINK] })
    expect(result).toMatchObject({ type: 'failed', lost: [{ what: 'output' }] })
  })

  it('is not sent to the run of an action, which has none, and that is said', async () => {
    port.runs.set('r_1', { id: 'r_1', status: 'IN_PROGRESS' })
    const result = await reporterFor(port.client(), 'r_1').finish({ ...END, output: { a: 1 } })
    expect(result).toMatchObject({ type: 'delivered', ignored: 'output' })
    expect(describeReport(result, String)).toEqual({
      level: 'notice',
      text: 'The output was not sent: r_1 is the run of an action, and only node runs of a workflow (wfnr_…) have an output.',
    })
    expect(JSON.stringify(port.requests)).not.toContain('"a":1')
    expect(port.runs.get('r_1')).toMatchObject({ status: 'SUCCESS' })
  })

  it('holds no secret', async () => {
    const redactor = createRedactor(['a-secret-token', 'SUCCESS'])
    await reporter({ redactor }).finish({
      ...END,
      message: 'with a-secret-token',
      output: { url: 'https://x.example/?token=a-secret-token', list: ['a-secret-token'] },
    })
    expect(port.nodeLogs).toEqual([{ level: 'INFO', message: 'with ***' }])
    expect(node()).toMatchObject({
      result: 'SUCCESS',
      output: { url: 'https://x.example/?token=***', list: ['***'] },
    })
  })
})

describe('the end of a workflow node run', () => {
  it.each<[string, Fault]>([
    ['too large', refusal(413, 'payload_too_large', 'too large')],
    ['not taken', refusal(400, 'invalid', 'output is invalid')],
    ['not of the type that Port wants', refusal(422, 'invalid', 'output must be object')],
  ])('is reported although its output is %s', async (_, fault) => {
    port.fault = ({ body }) => (body.output ? fault : undefined)
    const result = await reporter().finish({ ...END, output: { a: 1 } })
    expect(node()).toMatchObject({ status: 'COMPLETED', result: 'SUCCESS' })
    expect(result).toMatchObject({
      type: 'failed',
      lost: [{ what: 'output', value: '{"a":1}' }],
    })
  })

  it('does not send an output of more than Port takes', async () => {
    const result = await reporter().finish({ ...END, output: 'x'.repeat(1_100_000) })
    expect(node()).toMatchObject({ status: 'COMPLETED' })
    expect(result).toMatchObject({ type: 'failed', lost: [{ what: 'output' }] })
  })

  it('is reported although Port takes no log', async () => {
    port.fault = ({ path }) => (path.endsWith('/logs') ? { status: 500 } : undefined)
    const result = await reporter().finish(END)
    expect(node()).toMatchObject({ status: 'COMPLETED', result: 'SUCCESS' })
    expect(result).toMatchObject({ type: 'failed', lost: [{ what: 'log', value: 'All done' }] })
  })

  it.each<[string, Fault]>([
    ['a reset', { after: 'reset' }],
    ['502', { after: { status: 502 } }],
  ])('counts as delivered, if it was stored before %s', async (_, fault) => {
    const faults: Fault[] = [undefined, fault]
    port.fault = () => faults.shift()
    expect(await reporter().finish(END)).toMatchObject({ type: 'delivered' })
    expect(node()).toMatchObject({ result: 'SUCCESS' })
  })

  it('is taken from a Port that sends nothing back', async () => {
    port.fault = () => ({ status: 204 })
    expect(await reporter().finish({ ...END, link: LINK })).toMatchObject({ type: 'failed' })
    expect(await reporter().finish(END)).toMatchObject({ type: 'delivered' })
  })
})
