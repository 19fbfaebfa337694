import { formatError, InputError, type Json } from '@port-dispatch/core'
import {
  type FinalReport,
  isLink,
  type Reporter,
  type ReportResult,
  type RunChange,
  reporterFor,
} from '@port-dispatch/core/port'
import { describeEnd, END_WORDS, type Outcome, portStatusOf } from '@port-dispatch/core/run'
import {
  type CiJob,
  createHttp,
  detectCi,
  interruption,
  portClient,
  readJsonOrFile,
  runIdFromCi,
  searchRunId,
} from '@port-dispatch/dispatcher/host'
import type { Command } from 'commander'
import { ExitCode, ExitWith } from '../exit-code.ts'
import { reportTimeoutFlag, switchFlag, valueFlag } from '../flags.ts'
import { settingName } from '../setting-names.ts'
import type { Terminal } from '../terminal.ts'

interface ReportFlags {
  runId?: string
  /** Do nothing where no Port run started this job. */
  ifPortRun?: boolean
  status?: string
  statusLabel?: string
  log?: string
  link?: string[]
  summary?: string
  externalRunId?: string
  /** JSON, or the path of a file with it. */
  output?: string
  /** Milliseconds. */
  reportTimeout: number
}

const STAGES = {
  start: 'report that the work has started, and where',
  update: 'change the label, links or log of a run in progress',
  finish: 'end the run',
}

/** `port-dispatch report start|update|finish`: reports on a run from inside a job. */
export function configure(command: Command, terminal: Terminal): void {
  for (const [stage, description] of Object.entries(STAGES)) {
    const sub = command
      .command(stage)
      .description(description)
      .addOption(
        valueFlag(
          '--run-id <id>',
          'Port run; in CI the default is the one that Port sent',
          'PORT_RUN_ID',
        ),
      )
      .addOption(
        switchFlag(
          '--if-port-run',
          'do nothing if Port did not start this job',
          'PORT_DISPATCH_IF_PORT_RUN',
        ),
      )
      .addOption(
        valueFlag('--status-label <text>', 'short status text', 'PORT_DISPATCH_STATUS_LABEL'),
      )
      .addOption(valueFlag('--log <text>', 'line for the log of the run', 'PORT_DISPATCH_LOG'))
      .addOption(
        valueFlag(
          '--link <url...>',
          'link to show on the run; in CI the default is the page of the job or pipeline',
          'PORT_DISPATCH_LINK',
        ),
      )
      .addOption(valueFlag('--summary <text>', 'summary of the run', 'PORT_DISPATCH_SUMMARY'))
      .addOption(
        valueFlag(
          '--external-run-id <id>',
          'ID of the run in the CI system; detected in CI',
          'PORT_DISPATCH_EXTERNAL_RUN_ID',
        ),
      )
      .addOption(reportTimeoutFlag())
    if (stage !== 'start') {
      sub.addOption(
        valueFlag(
          '--output <json>',
          'output of a workflow node run, which later nodes read: JSON, a file with it, or -',
          'PORT_DISPATCH_OUTPUT',
        ),
      )
    }
    if (stage === 'finish') {
      sub.addOption(
        valueFlag(
          '--status <status>',
          'SUCCESS, FAILURE, or a job status of GitHub or GitLab, such as failed',
          'PORT_DISPATCH_STATUS',
        ),
      )
    }
    sub.action((flags: ReportFlags) => report(stage, flags, terminal))
  }
}

async function report(stage: string, flags: ReportFlags, terminal: Terminal): Promise<void> {
  const job = detectCi(process.env)
  if (flags.ifPortRun && !flags.runId && !(await searchRunId(process.env, job)).found) {
    terminal.logger.info('No Port run started this job, so there is nothing to report.')
    return
  }
  const patch = { ...patchFrom(flags), ...(await outputOf(flags)) }
  const client = portClient(process.env, { onWait: terminal.onWait })
  const signal = interruption((name) =>
    terminal.message(`Stopping (${name}). The report has 5 s more.`),
  )
  const end = stage === 'finish' ? finalStatus(flags, job) : undefined
  const reporter = reporterFor(client, flags.runId || (await runIdFromCi(process.env, job)), {
    timeLimit: flags.reportTimeout,
    redactor: terminal.redactor,
    signal,
    // Another process reports the end.
    ...(!end && { keepForEnd: 0 }),
  })
  const work = { reporter, flags, job, signal, terminal }
  const results = end ? await finish(work, { ...patch, ...end }) : await update(work, stage, patch)
  for (const result of results) terminal.report(result)
  if (results.some((result) => result.type === 'delivered' && (end || !result.ignored)))
    terminal.logger.info(`Updated Port run ${reporter.runId}.`)
  if (results.some(({ type }) => type === 'failed')) throw new ExitWith(ExitCode.notReported)
}

/** An output of null is none, as with every optional field. */
async function outputOf({ output }: ReportFlags): Promise<{ output?: Json }> {
  if (!output?.trim()) return {}
  const value = await readJsonOrFile(output.trim(), '--output', 'The output')
  return value === null ? {} : { output: value }
}

function finalStatus(flags: ReportFlags, job: CiJob | undefined): Outcome {
  const word = flags.status ?? job?.jobStatus
  const outcome = word === undefined ? undefined : portStatusOf(word)
  if (outcome === undefined) {
    throw new InputError('Unknown final status:', [
      {
        path: '--status',
        found: word === undefined ? 'is missing' : `found "${word}"`,
        expected: `SUCCESS or FAILURE, or one of ${END_WORDS.join(', ')}`,
      },
    ])
  }
  return { ...outcome, statusLabel: flags.statusLabel ?? outcome.statusLabel }
}

/** What a stage works with. */
interface Work {
  reporter: Reporter
  flags: ReportFlags
  job: CiJob | undefined
  signal: AbortSignal
  terminal: Terminal
}

async function finish(work: Work, end: Omit<FinalReport, 'message'>): Promise<ReportResult[]> {
  const { reporter, flags, job, signal } = work
  const described = await describePipeline(end, work)
  const statusLabel = flags.statusLabel ?? described?.outcome.statusLabel ?? end.statusLabel
  const message =
    flags.log ??
    described?.message ??
    [`Ended: ${end.statusLabel}.`, job?.link].filter(Boolean).join(' ')
  const send = () => reporter.finish({ ...end, statusLabel, message })
  return [await reported(signal, send, send)]
}

/**
 * A stop ends the request that is under way. What it carried is sent in the seconds that are left.
 *
 * @param again sends what Port did not get
 */
async function reported(
  signal: AbortSignal,
  first: () => Promise<ReportResult>,
  again: () => Promise<ReportResult>,
): Promise<ReportResult> {
  const wasStopped = signal.aborted
  const result = await first()
  return result.type === 'failed' && signal.aborted && !wasStopped ? await again() : result
}

/** It is a detail of a report that should not wait for it. */
const DETAILS_WITHIN_MS = 5_000

/**
 * Names the jobs that made the GitLab pipeline of this job fail.
 *
 * @returns undefined if nothing more is known of the end than its status
 */
async function describePipeline(
  end: Outcome,
  { job, signal, terminal }: Work,
): Promise<{ outcome: Outcome; message: string } | undefined> {
  if (end.status !== 'FAILURE' || job?.name !== 'GitLab CI') return undefined
  const { GITLAB_TOKEN: token, CI_API_V4_URL: api, CI_PROJECT_ID, CI_PIPELINE_ID } = process.env
  if (!token || !api || !CI_PROJECT_ID || !CI_PIPELINE_ID) {
    terminal.logger.info('With GITLAB_TOKEN (scope "read_api") Port also shows the failed jobs.')
    return undefined
  }
  const { BackendError, failedJobsOf } = await import('@port-dispatch/dispatcher')
  try {
    const jobs = await failedJobsOf(createHttp(process.env, { onWait: terminal.onWait }), {
      api,
      token,
      project: CI_PROJECT_ID,
      pipelineId: CI_PIPELINE_ID,
      timeLimit: DETAILS_WITHIN_MS,
      signal,
    })
    if (jobs.length === 0) return undefined
    const target = process.env.CI_PROJECT_PATH ?? 'The pipeline'
    return describeEnd({ target, conclusion: 'failed', outcome: end, jobs, url: job.link })
  } catch (error) {
    if (signal.aborted) return undefined
    if (!(error instanceof BackendError)) throw error
    terminal.logger.warning(formatError(error, settingName))
    return undefined
  }
}

async function update(work: Work, stage: string, given: RunChange): Promise<ReportResult[]> {
  const { reporter, flags, job, signal } = work
  const started = stage === 'start' &&
    job && {
      link: job.link,
      ...(job.externalRunId && { externalRunId: job.externalRunId }),
    }
  const label = flags.statusLabel ?? (stage === 'start' ? 'Running' : undefined)
  const patch = {
    ...started,
    ...given,
    ...(label !== undefined && { statusLabel: label }),
  }
  if (Object.keys(patch).length === 0 && flags.log === undefined) {
    throw new InputError('Nothing to report:', [
      {
        path: '',
        found:
          'give at least one of --status-label, --log, --link, --summary, --external-run-id, --output',
      },
    ])
  }
  const results: ReportResult[] = []
  const flush = () => reporter.update({})
  if (Object.keys(patch).length > 0) {
    results.push(await reported(signal, () => reporter.update(patch), flush))
  }
  const { log } = flags
  if (log !== undefined) results.push(await reported(signal, () => reporter.log(log), flush))
  return results
}

function patchFrom({ link, summary, externalRunId }: ReportFlags): RunChange {
  const [first] = link ?? []
  refuseOtherLinks(link ?? [])
  return {
    ...(link && first !== undefined && { link: link.length === 1 ? first : link }),
    ...(summary !== undefined && { summary }),
    ...(externalRunId !== undefined && { externalRunId }),
  }
}

function refuseOtherLinks(links: readonly string[]): void {
  const problems = links
    .filter((link) => !isLink(link))
    .map((link) => ({
      path: '--link',
      found: `found ${JSON.stringify(link)}`,
      expected: 'an address that begins with https:// or http://',
    }))
  if (problems.length > 0) throw new InputError('Port cannot show these links:', problems)
}
