import { setting } from '@port-dispatch/core'
import {
  describeReport,
  type Lost,
  PortError,
  type Reporter,
  type ReporterOptions,
  type ReportResult,
  reporterFor,
} from '@port-dispatch/core/port'
import type { Sandbox } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startCheckedSandbox } from '../../../../test/contracts/checked-sandbox.ts'
import { type Fault, PortServer, type Request, refusal } from './port-server.ts'

const RUN = 'r_DeployService001'
const LINK = 'https://ci.example/1'
const END = { status: 'SUCCESS', statusLabel: 'Success', message: 'All done' } as const
const SECONDS = 1_000

let port: PortServer

beforeEach(async () => {
  port = await PortServer.start()
  port.addRun(RUN)
})

afterEach(() => port.close())

function reporter(options?: ReporterOptions): Reporter {
  return reporterFor(port.client(), RUN, options)
}

function run() {
  return port.runs.get(RUN)
}

/** Lets Port be away until a time from now. */
function awayFor(ms: number, fault: Fault = { status: 503 }): void {
  const until = port.clock.now() + ms
  port.fault = () => (port.clock.now() < until ? fault : undefined)
}

function isPatch({ method }: Request): boolean {
  return method === 'PATCH'
}

describe('reporting on a run of the sandbox, whose requests and responses are checked', () => {
  let sandbox: Sandbox

  beforeEach(async () => {
    sandbox = await startCheckedSandbox()
  })

  afterEach(async () => {
    await sandbox.close()
  })

  it('follows the description of the API', async () => {
    const { PORT_BASE_URL = '', PORT_CLIENT_ID = '', PORT_CLIENT_SECRET = '' } = sandbox.environment
    const client = port.client({
      baseUrl: PORT_BASE_URL,
      clientId: PORT_CLIENT_ID,
      clientSecret: PORT_CLIENT_SECRET,
    })
    const reports = reporterFor(client, RUN)
    await reports.update({ link: LINK, statusLabel: 'Running', externalRunId: 'gh_1_2_3' })
    await reports.log('Half done')
    expect(await reports.isReportedByAnother('gh_1_2_3')).toBe('no')
    expect(await reports.finish(END)).toMatchObject({ type: 'delivered' })
    expect(sandbox.portRun(RUN)).toMatchObject({
      status: 'SUCCESS',
      statusLabel: 'Success',
      link: LINK,
      externalRunId: 'gh_1_2_3',
      logs: [{ message: 'Half done' }, { message: 'All done' }],
    })
  })
})

describe('as few requests as the work needs', () => {
  it('a label and an end take one each', async () => {
    const reports = reporter()
    await reports.update({ statusLabel: 'Running' })
    await reports.finish(END)
    expect(port.calls).toEqual([
      `PATCH /v1/actions/runs/${RUN}`,
      `POST /v1/actions/runs/${RUN}/logs`,
    ])
    expect(port.requests).toHaveLength(3)
  })

  it('a link that the run has already is not sent again', async () => {
    Object.assign(run() ?? {}, { link: [LINK], externalRunId: 'gh_1_2_3' })
    const reports = reporter()
    await reports.update({ statusLabel: 'Running', link: LINK, externalRunId: 'gh_1_2_3' })
    expect(port.calls).toHaveLength(1)
    await reports.finish({ ...END, link: LINK, externalRunId: 'gh_1_2_3' })
    expect(port.calls).toHaveLength(2)
  })

  it('what comes together while a report is under way is sent together', async () => {
    const reports = reporter()
    await Promise.all([
      reports.update({ statusLabel: 'Starting' }),
      reports.update({ statusLabel: 'Queued', summary: 'a' }),
      reports.update({ statusLabel: 'Running' }),
      reports.log('one'),
      reports.log('two'),
    ])
    expect(port.calls.length).toBeLessThanOrEqual(3)
    expect(run()).toMatchObject({ statusLabel: 'Running', summary: 'a' })
    expect(port.logsOf(RUN).join('\n')).toBe('one\ntwo')
  })
})

describe('what others wrote stays', () => {
  it.each<[string, object]>([
    ['with a label', { statusLabel: 'Running' }],
    ['alone', {}],
  ])('a link is added to theirs: %s', async (_, more) => {
    Object.assign(run() ?? {}, { link: ['https://theirs.example'] })
    await reporter().update({ ...more, link: [LINK, 'https://ci.example/2'] })
    expect(run()?.link).toEqual(['https://theirs.example', LINK, 'https://ci.example/2'])
  })

  it('a link that they wrote as text stays too', async () => {
    Object.assign(run() ?? {}, { link: 'https://theirs.example' })
    await reporter().finish({ ...END, link: LINK })
    expect(run()?.link).toEqual(['https://theirs.example', LINK])
  })

  it.each([
    ['while Port did not respond to ours', 'update'],
    ['before the end, which brings another link', 'finish'],
  ] as const)('a link and an external run id that came later stay too: %s', async (_when, how) => {
    const reports = reporter()
    await reports.update({ statusLabel: 'Starting' })
    if (how === 'update') {
      awayFor(60_000)
      expect(await reports.update({ link: LINK, externalRunId: 'gh_1_2_3' })).toMatchObject({
        type: 'failed',
      })
    }
    await port.clock.sleep(60_000)
    Object.assign(run() ?? {}, { link: ['https://theirs.example'], externalRunId: 'theirs' })
    expect(await reports.finish({ ...END, link: LINK, externalRunId: 'gh_1_2_3' })).toMatchObject({
      type: 'delivered',
    })
    expect(run()).toMatchObject({
      link: ['https://theirs.example', LINK],
      externalRunId: 'theirs',
      status: 'SUCCESS',
    })
  })

  it('an external run id is not replaced', async () => {
    Object.assign(run() ?? {}, { externalRunId: 'gh_of_others' })
    const result = await reporter().update({ statusLabel: 'x', externalRunId: 'gh_1_2_3' })
    expect(run()?.externalRunId).toBe('gh_of_others')
    expect(result).toMatchObject({ type: 'delivered', run: { externalRunId: 'gh_of_others' } })
  })

  it('an external run id of our own can be taken back', async () => {
    const reports = reporter()
    await reports.update({ externalRunId: 'gh_1_2_3' })
    await reports.update({ externalRunId: '' })
    expect(run()?.externalRunId).toBe('')
  })
})

describe('a run that must not be touched', () => {
  it.each(['SUCCESS', 'FAILURE'])('because it has ended with %s is left alone', async (status) => {
    Object.assign(run() ?? {}, { status, statusLabel: 'Theirs' })
    expect(await reporter().finish({ ...END, statusLabel: 'Mine' })).toMatchObject({
      type: 'ended',
      run: { status, statusLabel: 'Theirs' },
    })
    expect(await reporter().update({ statusLabel: 'x' })).toMatchObject({ type: 'ended' })
    expect(await reporter().log('x')).toMatchObject({ type: 'ended' })
    expect(run()?.statusLabel).toBe('Theirs')
  })

  it.each(['WAITING_FOR_APPROVAL', 'DECLINED'])(
    'because it is %s is shown to the caller',
    async (status) => {
      Object.assign(run() ?? {}, { status })
      expect(await reporter().update({ statusLabel: 'Starting' })).toMatchObject({
        type: 'unapproved',
        run: { status },
      })
      expect(await reporter().update({ link: LINK })).toMatchObject({ type: 'unapproved' })
      expect(run()?.link).toEqual([])
      port.fault = (request) => (isPatch(request) ? refusal(422, 'x', 'not approved') : undefined)
      expect(await reporter().update({ statusLabel: 'x' })).toMatchObject({ type: 'unapproved' })
    },
  )

  it('does not exist: the report says so, and the run id cannot be a path', async () => {
    const result = await reporterFor(port.client(), 'r_none').update({ statusLabel: 'x' })
    expect(result).toMatchObject({ type: 'failed', error: { status: 404 } })
    expect(() => reporterFor(port.client(), '../x')).toThrow('runId: found "../x"')
    expect(reporterFor(port.client(), ' r_1\n').runId).toBe('r_1')
  })
})

describe('the time that reporting may take', () => {
  it.each([
    ['429', { status: 429 }],
    ['503', { status: 503 }],
    ['a reset', 'reset'],
  ] as [string, Fault][])(
    'is used to the end: Port is back after 28 of 30 s of %s',
    async (_, fault) => {
      awayFor(28 * SECONDS, fault)
      expect(await reporter().finish(END)).toMatchObject({ type: 'delivered' })
      expect(run()?.status).toBe('SUCCESS')
    },
  )

  it('is never exceeded, and is that of all reports together', async () => {
    awayFor(1e9)
    const begin = port.clock.now()
    const reports = reporter({ timeLimit: 12 * SECONDS })
    await reports.update({ link: LINK })
    await reports.log('x')
    await reports.update({ statusLabel: 'x' })
    expect(port.clock.now() - begin).toBeLessThanOrEqual(8 * SECONDS)
    await reports.finish(END)
    expect(port.clock.now() - begin).toBeLessThanOrEqual(12 * SECONDS)
    expect(port.clock.now() - begin).toBeGreaterThan(10 * SECONDS)
  })

  it('keeps a part for the end, unless the end is reported elsewhere', async () => {
    awayFor(1e9)
    const kept = reporter()
    const begin = port.clock.now()
    await kept.update({ statusLabel: 'x' })
    expect(port.clock.now() - begin).toBeLessThanOrEqual(20 * SECONDS)
    expect(port.clock.now() - begin).toBeGreaterThan(17 * SECONDS)

    awayFor(28 * SECONDS)
    const all = reporter({ keepForEnd: 0 })
    expect(await all.update({ statusLabel: 'x' })).toMatchObject({ type: 'delivered' })
  })

  it('does not count what lies between the reports', async () => {
    const reports = reporter({ timeLimit: 10 * SECONDS })
    await reports.update({ statusLabel: 'x' })
    port.clock.advance(3_600 * SECONDS)
    awayFor(8 * SECONDS)
    expect(await reports.finish(END)).toMatchObject({ type: 'delivered' })
  })

  it('of the end is enough for a link before it', async () => {
    // An attempt by chance less than 100 ms before the last moment is the last one.
    awayFor(22 * SECONDS)
    expect(await reporter().finish({ ...END, link: LINK })).toMatchObject({ type: 'delivered' })
    expect(run()).toMatchObject({ status: 'SUCCESS', link: LINK })
  })

  it('is enough for the end, although Port does not take the link', async () => {
    port.fault = (request) => (isPatch(request) ? { status: 500 } : undefined)
    const result = await reporter().finish({ ...END, link: LINK })
    expect(run()?.status).toBe('SUCCESS')
    expect(result).toMatchObject({ type: 'failed', lost: [{ what: 'link', value: LINK }] })
  })

  it('ends early when the process is stopped, with the truth in Port', async () => {
    const stop = new AbortController()
    const reports = reporter({ signal: stop.signal })
    port.fault = () => {
      stop.abort(new Error('stopped'))
      return { status: 503 }
    }
    const updated = await reports.update({ link: LINK })
    expect(updated).toMatchObject({ type: 'failed', lost: [{ what: 'link', value: LINK }] })
    const begin = port.clock.now()
    awayFor(2 * SECONDS)
    const end = await reports.finish({ ...END, status: 'FAILURE', statusLabel: 'Cancelled' })
    expect(port.clock.now() - begin).toBeLessThanOrEqual(5 * SECONDS)
    expect(end).toMatchObject({ type: 'delivered' })
    expect(run()).toMatchObject({ status: 'FAILURE', link: LINK })
  })

  it('after a stop is five seconds for all that follows', async () => {
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    awayFor(1e9)
    const begin = port.clock.now()
    const reports = reporter({ signal: stop.signal })
    await reports.update({ statusLabel: 'Still running' })
    await reports.finish(END)
    expect(port.clock.now() - begin).toBeLessThanOrEqual(5 * SECONDS)
  })
})

describe('what Port did not get', () => {
  it('is named in full, and kept for the next report', async () => {
    let isDown = true
    port.fault = () => (isDown ? { status: 503 } : undefined)
    const reports = reporter()
    const change = { link: LINK, statusLabel: 'Running', summary: 's', externalRunId: 'gh_1' }
    expect(await reports.update(change)).toMatchObject({
      type: 'failed',
      lost: [
        { what: 'link', value: LINK },
        { what: 'externalRunId', value: 'gh_1' },
        { what: 'summary', value: 's' },
        { what: 'statusLabel', value: 'Running' },
      ],
    })
    expect(await reports.log('line')).toMatchObject({
      lost: expect.arrayContaining([{ what: 'log', value: 'line' }]),
    })
    isDown = false
    expect(await reports.finish(END)).toMatchObject({ type: 'delivered' })
    expect(run()).toMatchObject({
      status: 'SUCCESS',
      statusLabel: 'Success',
      link: LINK,
      summary: 's',
      externalRunId: 'gh_1',
    })
    expect(port.logsOf(RUN)).toEqual(['line\nAll done'])
  })

  it('is all of it when Port never comes back', async () => {
    awayFor(1e9)
    const reports = reporter({ timeLimit: 3 * SECONDS })
    await reports.update({ link: LINK })
    const result = await reports.finish(END)
    expect(result).toMatchObject({
      type: 'failed',
      lost: [
        { what: 'link', value: LINK },
        { what: 'status', value: 'SUCCESS' },
        { what: 'statusLabel', value: 'Success' },
        { what: 'log', value: 'All done' },
      ],
    })
  })

  it('because it refused it is not sent again, does not hinder the end, and is not forgotten', async () => {
    port.fault = ({ body }) => (body.link ? refusal(422, 'invalid', 'link must be url') : undefined)
    const reports = reporter()
    expect(await reports.update({ link: 'nonsense' })).toMatchObject({
      error: { isRefusal: true },
      lost: [{ what: 'link', value: 'nonsense' }],
    })
    expect(await reports.update({ statusLabel: 'Running' })).toMatchObject({ type: 'delivered' })
    expect(await reports.log('line')).toMatchObject({ type: 'delivered' })
    const result = await reports.finish(END)
    expect(run()?.status).toBe('SUCCESS')
    expect(result).toMatchObject({ type: 'failed', lost: [{ what: 'link', value: 'nonsense' }] })
    expect(port.requests.filter(({ body }) => body.link)).toHaveLength(1)
  })

  it('adds a line and changes the label in one request, and keeps both for later if that fails', async () => {
    const reports = reporter()
    await reports.log('Sent', 'INFO', 'Waiting')
    expect(port.requests.filter(({ path }) => path.includes('/runs/'))).toMatchObject([
      { method: 'POST', body: { message: 'Sent', statusLabel: 'Waiting' } },
    ])

    port.fault = () => refusal(422, 'invalid', 'no')
    expect(await reports.log('Second', 'INFO', 'Later')).toMatchObject({
      lost: [
        { what: 'statusLabel', value: 'Later' },
        { what: 'log', value: 'Second' },
      ],
    })
  })

  it.each<[string, Fault]>([
    ['a reset', { after: 'reset' }],
    ['502', { after: { status: 502 } }],
    ['a page', { after: { text: '<html>' } }],
  ])('is nothing, if the end was stored before %s', async (_, fault) => {
    const faults = [fault]
    port.fault = () => faults.shift()
    expect(await reporter().finish(END)).toMatchObject({
      type: 'delivered',
      run: { status: 'SUCCESS' },
    })
    expect(port.logsOf(RUN)).toEqual(['All done'])
  })

  it('is not the log line that was stored before its response was lost', async () => {
    const faults: Fault[] = [{ after: 'reset' }]
    port.fault = () => faults.shift()
    expect(await reporter().log('once')).toMatchObject({ type: 'delivered' })
    expect(port.logsOf(RUN)).toEqual(['once'])
  })
})

describe('what is too long for Port is cut by the bytes of its JSON, and marked', () => {
  const texts = [
    'a'.repeat(1_200_000),
    '🐎"'.repeat(400_000),
    '\u0001'.repeat(300_000),
    '\n'.repeat(700_000),
  ]

  it.each(texts)('a log line', async (message) => {
    const result = await reporter().finish({ ...END, message })
    const [line = ''] = port.logsOf(RUN)
    expect(line).toMatch(/\n… \(cut: Port accepts at most 1 MiB\)$/)
    expect(line.isWellFormed()).toBe(true)
    expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThanOrEqual(1_000_000)
    expect(Buffer.byteLength(JSON.stringify(line))).toBeGreaterThan(999_980)
    expect(result).toMatchObject({ type: 'delivered', cut: ['log'] })
  })

  it('a summary, a label, and links, of which the last are left out', async () => {
    const link = Array.from(
      { length: 300 },
      (_, n) => `https://ci.example/${n}/${'x'.repeat(1_000)}`,
    )
    const result = await reporter().update({
      summary: 'é'.repeat(600_000),
      statusLabel: 'x'.repeat(5_000),
      link,
    })
    expect(result).toMatchObject({ type: 'delivered', cut: ['summary', 'statusLabel', 'link'] })
    expect(String(run()?.summary)).toMatch(/… \(cut/)
    expect(String(run()?.statusLabel)).toMatch(/x…$/)
    const links = run()?.link
    expect(
      Array.isArray(links) &&
        links.length > 100 &&
        links.every((one) => link.includes(String(one))),
    ).toBe(true)
    const sent = port.requests.map(({ body }) => Buffer.byteLength(JSON.stringify(body)))
    expect(Math.max(...sent)).toBeLessThan(1024 * 1024)
  })

  it('several lines that wait for Port, together', async () => {
    let isDown = true
    port.fault = () => (isDown ? { status: 503 } : undefined)
    const reports = reporter({ timeLimit: 9_000 })
    await Promise.all(['a', 'b', 'c'].map((line) => reports.log(line.repeat(600_000))))
    isDown = false
    expect(await reports.finish(END)).toMatchObject({ type: 'delivered' })
    expect(run()?.status).toBe('SUCCESS')
  })

  it('an emoji is kept whole', async () => {
    await reporter().finish({ ...END, message: `a${'🐎'.repeat(300_000)}` })
    expect(port.logsOf(RUN)[0]?.isWellFormed()).toBe(true)
  })
})

describe('whether another run carries an external run id', () => {
  it('is known to be so, or not to be so', async () => {
    Object.assign(run() ?? {}, { externalRunId: 'gh_1' })
    expect(await reporter().isReportedByAnother('gh_1')).toBe('no')
    port.addRun('r_2', { externalRunId: 'gh_1' })
    expect(await reporter().isReportedByAnother('gh_1')).toBe('yes')
  })

  it.each<[string, Fault]>([
    ['fails', { status: 503 }],
    ['forbids it', refusal(403, 'forbidden')],
    ['sends something else', { body: {} }],
    ['is away', 'reset'],
  ])('is unknown if Port %s', async (_, fault) => {
    port.fault = () => fault
    expect(await reporter({ timeLimit: 3 * SECONDS }).isReportedByAnother('gh_1')).toBe('unknown')
  })
})

describe('what is said of a report', () => {
  it.each<[ReportResult, string, string]>([
    [
      { type: 'delivered', runId: RUN, cut: ['log', 'link'] },
      'warning',
      `Updated Port run ${RUN}. Too long for Port and therefore cut: log, link.`,
    ],
    [
      { type: 'ended', run: { id: RUN, status: 'FAILURE', statusLabel: 'Failed' } },
      'notice',
      `Port run ${RUN} already ended with FAILURE (Failed) and was left unchanged.`,
    ],
    [
      { type: 'unapproved', run: { id: RUN, status: 'WAITING_FOR_APPROVAL' } },
      'warning',
      `Port run ${RUN} is waiting for approval and was left unchanged.`,
    ],
    [
      { type: 'unapproved', run: { id: RUN, status: 'DECLINED' } },
      'warning',
      `Port run ${RUN} was declined and was left unchanged.`,
    ],
  ])('%j', (result, level, text) => {
    expect(describeReport(result, String)).toEqual({ level, text })
  })

  it('is nothing if all went well', () => {
    expect(describeReport({ type: 'delivered', runId: RUN }, String)).toBeUndefined()
  })

  it('names settings as its reader knows them, and lists what was lost', () => {
    const error = new PortError('Port refused.', {
      advice: ['Check ', setting('port.clientId'), '.'],
    })
    const lost: Lost[] = [
      { what: 'status', value: 'SUCCESS' },
      { what: 'log', value: 'a\nb' },
    ]
    const said = describeReport({ type: 'failed', error, lost }, (name) => `<${name}>`)
    expect(said?.text.split('\n')).toEqual([
      'Could not update Port: Port refused. Check <port.clientId>.',
      '  status: SUCCESS',
      '  log: a',
      '    b',
    ])
  })
})
