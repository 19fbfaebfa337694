import { InputError } from '@port-dispatch/core'
import { type ReportResult, type RunPatch, RunReporter, tellReport } from '@port-dispatch/core/port'
import { githubOutcome, type Outcome, statusLabel } from '@port-dispatch/core/run'
import {
  type CiJob,
  detectCi,
  portClient,
  runIdFromCi,
  searchRunId,
} from '@port-dispatch/dispatcher/host'
import { ExitCode } from '../exit-code.ts'
import { ExitWith } from '../exit-with.ts'
import { terminalLogger } from '../terminal.ts'
import { describePipelineEnd } from './describe-pipeline-end.ts'

export interface ReportFlags {
  runId?: string
  /** Do nothing where no Port run started this job. */
  ifPortRun?: boolean
  status?: string
  statusLabel?: string
  log?: string
  link?: string[]
  summary?: string
  externalRunId?: string
  /** Milliseconds. */
  reportTimeout: number
}

/** `port-dispatch report start|update|finish`: reports on a run from inside a job. */
export async function report(stage: string, flags: ReportFlags): Promise<void> {
  const job = detectCi(process.env)
  if (flags.ifPortRun && !flags.runId && !(await searchRunId(process.env, job)).found) {
    terminalLogger.info('No Port run started this job, so there is nothing to report.')
    return
  }
  const client = portClient(process.env)
  const end = stage === 'finish' ? finalStatus(flags, job) : undefined
  const reporter = new RunReporter(client, flags.runId || (await runIdFromCi(process.env, job)), {
    timeLimit: flags.reportTimeout,
  })
  const results = end
    ? await finish(reporter, flags, end, job)
    : await update(reporter, stage, flags, job)
  for (const result of results) {
    tellReport(result, terminalLogger)
    if (result.type === 'delivered') terminalLogger.info(`Port run ${reporter.runId} was told.`)
  }
  if (results.some(({ type }) => type === 'failed')) throw new ExitWith(ExitCode.notReported)
}

/** Words for the end of a job, of GitHub and GitLab. */
const END_WORDS = [
  'success',
  'failure',
  'failed',
  'cancelled',
  'canceled',
  'skipped',
  'neutral',
  'timed_out',
]

function finalStatus(flags: ReportFlags, job: CiJob | undefined): Outcome {
  const word = flags.status ?? job?.jobStatus
  const known = END_WORDS.find((end) => end === word?.toLowerCase())
  if (known === undefined) {
    throw new InputError('It is unknown how the run ended:', [
      {
        path: '--status',
        found: `${word === undefined ? 'is missing' : `found "${word}"`}; expected SUCCESS or FAILURE, or one of ${END_WORDS.join(', ')}`,
      },
    ])
  }
  const { status } = githubOutcome(known)
  return { status, statusLabel: flags.statusLabel ?? statusLabel(known) }
}

async function finish(
  reporter: RunReporter,
  flags: ReportFlags,
  end: Outcome,
  job: CiJob | undefined,
): Promise<ReportResult[]> {
  const described = await describePipelineEnd(end, job, process.env, terminalLogger)
  const statusLabel = flags.statusLabel ?? described?.outcome.statusLabel ?? end.statusLabel
  const message =
    flags.log ??
    described?.message ??
    [`Ended: ${end.statusLabel}.`, job?.link].filter(Boolean).join(' ')
  return [await reporter.finish({ ...patchFrom(flags), ...end, statusLabel, message })]
}

async function update(
  reporter: RunReporter,
  stage: string,
  flags: ReportFlags,
  job: CiJob | undefined,
): Promise<ReportResult[]> {
  const started = stage === 'start' && job && { link: job.link, externalRunId: job.externalRunId }
  const label = flags.statusLabel ?? (stage === 'start' ? 'Running' : undefined)
  const patch = {
    ...started,
    ...patchFrom(flags),
    ...(label !== undefined && { statusLabel: label }),
  }
  if (Object.keys(patch).length === 0 && flags.log === undefined) {
    throw new InputError('There is nothing to report:', [
      {
        path: '',
        found: 'give at least one of --status-label, --log, --link, --summary, --external-run-id',
      },
    ])
  }
  const results: ReportResult[] = []
  if (Object.keys(patch).length > 0) results.push(await reporter.update(patch))
  if (flags.log !== undefined) results.push(await reporter.log(flags.log))
  return results
}

function patchFrom({
  link,
  summary,
  externalRunId,
}: ReportFlags): Omit<RunPatch, 'status' | 'statusLabel'> {
  const [first] = link ?? []
  refuseOtherLinks(link ?? [])
  return {
    ...(link && first !== undefined && { link: link.length === 1 ? first : link }),
    ...(summary !== undefined && { summary }),
    ...(externalRunId !== undefined && { externalRunId }),
  }
}

/** Port shows links to people, who click on them. */
function refuseOtherLinks(links: readonly string[]): void {
  const problems = links
    .filter((link) => !/^https?:$/.test(URL.parse(link)?.protocol ?? ''))
    .map((link) => ({
      path: '--link',
      found: `found ${JSON.stringify(link)}; expected an address that begins with https:// or http://`,
    }))
  if (problems.length > 0) throw new InputError('Port cannot show this:', problems)
}
