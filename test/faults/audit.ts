import type { StandIn } from './stand-in/stand-in.ts'

/** One Port run, by the servers' own books. */
export interface Entry {
  id: string
  /** How many runs were started for it. */
  starts: number
  /** Whether it shows the end, the link or the external run ID of a run that is another's. */
  isForeign: boolean
  /** How often a final status was accepted. */
  ends: number
  status: string
  label: string
  /** Whether it says that it is not known how its work ended, or that there was none. */
  isUnknown: boolean
  /** What it shows, for whoever looks into a failure. */
  text: string
}

/** Labels of Port runs of which nobody knows how their work ended. */
const UNKNOWN =
  /^(Unknown whether|Started, (run unknown|unknown which)|Status unavailable|Not started|Timed out|Cancelled)/

/** Compares what Port was sent with what was started. */
export function audit({ port, github, gitlab }: StandIn): Entry[] {
  const all = [github, gitlab].flatMap((server) =>
    server.work.all.map((work) => ({
      ...work,
      names: [server.url(work), server.externalRunId(work)],
    })),
  )
  return [...port.runs.values()].map((run) => {
    const own = all.filter(({ portRunId }) => portRunId === run.id)
    const text = [...run.log, run.link ?? [], run.externalRunId ?? ''].flat().join('\n')
    const namesOther = all.some(
      ({ portRunId, names }) =>
        portRunId !== run.id && names.some((name) => new RegExp(`${name}(?!\\d)`).test(text)),
    )
    const { status, statusLabel: label = '' } = run
    const isUnknown = UNKNOWN.test(label)
    const isOwnEnd = own.some(
      ({ fails, cancelled }) => (status === 'SUCCESS') === !(fails || cancelled),
    )
    return {
      id: run.id,
      starts: own.length,
      isForeign: namesOther || !(status === 'IN_PROGRESS' || isUnknown || isOwnEnd),
      ends: run.finals,
      status,
      label,
      isUnknown,
      text,
    }
  })
}

/** What must never be, whatever goes wrong: for a test to compare with nothing. */
export function violations(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => {
    const { id, starts, isForeign, ends, status, label, text } = entry
    return [
      ...(starts > 1 ? [`${id} was started ${starts} times`] : []),
      ...(isForeign ? [`${id} shows another's run: ${status} ${label}\n${text}`] : []),
      ...(ends > 1 ? [`${id} ended ${ends} times`] : []),
    ]
  })
}
