import type { StandIn } from './stand-in/stand-in.ts'

/** What the servers counted. */
export interface Audit {
  portRuns: number
  starts: number
  /** Port runs for which more than one run was started. */
  doubleStarts: string[]
  /** Port runs that show the end, the link or the external run ID of a run that is another's. */
  foreign: string[]
  /** Port runs that ended more than once. */
  repeatedEnds: string[]
  /** Port runs that were left without an end. */
  unended: string[]
  /** How many Port runs say that it is not known how their work ended, or that there was none. */
  unknown: number
  /** How many Port runs have each status and label. */
  ends: Map<string, number>
}

/** Labels of Port runs of which nobody knows how their work ended. */
const UNKNOWN =
  /^(Unknown whether|Started, (run unknown|unknown which)|Status unavailable|Not started|Timed out|Cancelled)/

/** Compares what Port was sent with what was started, by the servers' own books. */
export function audit({ port, github, gitlab }: StandIn): Audit {
  const all = [github, gitlab].flatMap((server) =>
    server.work.all.map((work) => ({
      ...work,
      url: server.url(work),
      externalRunId: server.externalRunId(work),
    })),
  )
  const result: Audit = {
    portRuns: port.runs.size,
    starts: all.length,
    doubleStarts: [],
    foreign: [],
    repeatedEnds: [],
    unended: [],
    unknown: 0,
    ends: new Map(),
  }
  for (const run of port.runs.values()) {
    const own = all.filter(({ portRunId }) => portRunId === run.id)
    if (own.length > 1) result.doubleStarts.push(run.id)
    if (run.finals > 1) result.repeatedEnds.push(run.id)
    const text = [...run.log, run.link ?? [], run.externalRunId ?? ''].flat().join('\n')
    const others = all.filter(({ portRunId }) => portRunId !== run.id)
    const namesOther = others.some(({ url, externalRunId }) =>
      [url, externalRunId].some((name) => new RegExp(`${name}(?!\\d)`).test(text)),
    )
    const [work] = own
    const label = run.statusLabel ?? ''
    const isUnknown = UNKNOWN.test(label)
    if (run.status === 'IN_PROGRESS') result.unended.push(run.id)
    if (isUnknown) result.unknown++
    const isRight =
      run.status === 'IN_PROGRESS' ||
      isUnknown ||
      (work && (run.status === 'SUCCESS') === !(work.fails || work.cancelled))
    if (namesOther || !isRight) result.foreign.push(`${run.id}: ${run.status} ${label}\n${text}`)
    const end = `${run.status} ${label.replace(/\d+/g, 'N')}`
    result.ends.set(end, (result.ends.get(end) ?? 0) + 1)
  }
  return result
}
