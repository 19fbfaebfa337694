import { setOutput } from '@actions/core'
import {
  type FinalReport,
  isFinal,
  type PortClient,
  PortError,
  type PortRun,
  reporterFor,
} from '@port-dispatch/core/port'
import { describeEnd, failedJobs, githubOutcome, statusLabel } from '@port-dispatch/core/run'
import { durationInput, textInput } from '../../inputs/inputs.ts'
import { runnerLogger, settle } from '../../runner.ts'
import type { Environment, ThisJob } from '../../this-job.ts'
import { listJobs } from './list-jobs.ts'
import { readWatchedRun, type WatchedRun } from './watched-run.ts'

/** REPORT on the event `workflow_run`: reports how another workflow goes, found by its external run id. */
export async function reportWorkflowRun(
  port: PortClient,
  job: ThisJob,
  env: Environment,
): Promise<void> {
  const watched = await readWatchedRun(job)
  setOutput('externalRunId', watched.externalRunId)
  setOutput('url', watched.url)
  if (watched.conclusion) setOutput('conclusion', watched.conclusion)
  const deadline = port.clock.now() + durationInput('reportTimeout', '30s')
  for (const { id } of await findPortRuns(port, watched, deadline)) {
    setOutput('runId', id)
    const timeLimit = Math.max(0, deadline - port.clock.now())
    const reporter = reporterFor(port, id, { timeLimit, keepForEnd: 0 })
    if (watched.conclusion === undefined) {
      const patch = { link: watched.url, statusLabel: statusLabel(watched.status) }
      settle(await reporter.update(patch))
      continue
    }
    const end = await describe(watched, watched.conclusion, env)
    setOutput('status', end.status)
    setOutput('statusLabel', end.statusLabel)
    settle(await reporter.finish(end))
  }
}

async function findPortRuns(
  port: PortClient,
  watched: WatchedRun,
  deadline: number,
): Promise<Pick<PortRun, 'id'>[]> {
  const given = textInput('runId')
  if (given) return [{ id: given }]
  const { name, externalRunId, conclusion = 'it goes on' } = watched
  let runs: Pick<PortRun, 'id' | 'status'>[]
  try {
    runs = await port.runs.find(externalRunId, { deadline })
    if (runs.length === 0) runs = await findNodeRuns(port, externalRunId, deadline)
  } catch (error) {
    if (!(error instanceof PortError)) throw error
    settle({
      type: 'failed',
      error,
      lost: [{ what: 'status', value: `${conclusion}, of ${name} (${externalRunId})` }],
    })
    return []
  }
  const open = runs.filter((run) => !isFinal(run))
  if (open.length > 0) return open
  runnerLogger.notice(
    runs.length === 0
      ? `No Port run has the external run id ${externalRunId}: Port did not start ${name}, or nothing reported where it runs.`
      : `The Port run of ${name} (${externalRunId}) already ended and was left alone.`,
  )
  return []
}

/** A node of a Port workflow can have started it. A Port that knows no workflows has none. */
async function findNodeRuns(
  port: PortClient,
  externalRunId: string,
  deadline: number,
): Promise<Pick<PortRun, 'id' | 'status'>[]> {
  try {
    const runs = await port.nodeRuns.find(externalRunId, { deadline })
    return runs.map(({ identifier: id, status }) => ({
      id,
      status: status === 'COMPLETED' ? 'SUCCESS' : status,
    }))
  } catch (error) {
    if (error instanceof PortError && error.status === 404) return []
    throw error
  }
}

async function describe(
  { id, name, url }: WatchedRun,
  conclusion: string,
  env: Environment,
): Promise<FinalReport> {
  const outcome = githubOutcome(conclusion)
  const isFailure = outcome.status === 'FAILURE' && !outcome.cancelled
  const jobs = isFailure ? failedJobs(await listJobs(env, id)) : []
  const end = describeEnd({ target: name, conclusion, outcome, jobs, url })
  return { ...end.outcome, message: end.message, link: url }
}
