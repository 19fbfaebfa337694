import { setOutput } from '@actions/core'
import { reporterFor } from '@port-dispatch/core/port'
import { detectCi, searchRunId } from '@port-dispatch/dispatcher/host'
import { checkInputs } from '../../inputs/check-inputs.ts'
import { badInput, durationInput, flagInput, textInput } from '../../inputs/inputs.ts'
import { linkInput } from '../../inputs/links.ts'
import { needsInput } from '../../inputs/needs.ts'
import { portFromInputs } from '../../inputs/port-from-inputs.ts'
import { runnerLogger, settle } from '../../runner.ts'
import { type Environment, type ThisJob, thisJob } from '../../this-job.ts'
import { endInput } from './end-input.ts'
import { findRun } from './find-run.ts'
import { reportRedactor } from './report-redactor.ts'
import { forgetReportState, saveReportState } from './report-state.ts'
import { startPatch } from './start-patch.ts'

/** `operation: REPORT`: reports where the run is, and leaves it to the post step to report how it ended. */
export async function startReport(env: Environment): Promise<void> {
  try {
    await start(env)
  } catch (error) {
    await leaveEndToPost(env)
    throw error
  }
}

/** A step that fails, over its own inputs for example, makes the job fail, and nothing else would end the Port run. */
async function leaveEndToPost(env: Environment): Promise<void> {
  if (env.GITHUB_EVENT_NAME === 'workflow_run') return
  // Without them the post step could do nothing but fail too.
  if (!textInput('clientId') || !textInput('clientSecret')) return
  const given = textInput('runId')
  const found = given ? undefined : await searchRunId(env, detectCi(env))
  const runId = given ?? (found?.found ? found.runId : undefined)
  if (runId !== undefined) saveReportState({ runId, told: {} })
}

async function start(env: Environment): Promise<void> {
  checkInputs('REPORT')
  const port = portFromInputs()
  const timeLimit = durationInput('reportTimeout', '30s')
  const end = endInput()
  linkInput()
  flagInput('strict', 'false')
  const job = thisJob(env)
  warnOfGitea(env)
  const needs = needsInput()
  const startMessage = textInput('startMessage')
  if (needs && startMessage !== undefined) {
    throw badInput(
      'startMessage',
      'cannot be given with needs, as this job starts when the others have ended; give it to a REPORT step of the first job',
    )
  }
  if (textInput('decrypt')) await (await import('../decrypt.ts')).decryptInputs(env)
  if (env.GITHUB_EVENT_NAME === 'workflow_run' && !needs) {
    const { reportWorkflowRun } = await import('./report-workflow-run.ts')
    return await reportWorkflowRun(port, job, env)
  }
  const runId = await findRun(env, job)
  if (runId === undefined) return
  setOutputs(runId, job)
  // A last job knows how the jobs before it ended: the post step tells all at once.
  if (needs) {
    if (end !== 'false') saveReportState({ runId, told: {} })
    return
  }
  // Should this process be killed, the post step still knows what it owes.
  saveReportState({ runId, told: {} })
  const patch = startPatch(job)
  const redactor = await reportRedactor(env)
  const reporter = reporterFor(port, runId, { timeLimit, keepForEnd: 0, redactor })
  const updated = reporter.update(patch)
  // The reporter sends the message when Port has the change, and only if the run is open.
  const logged = startMessage === undefined ? undefined : reporter.log(startMessage)
  const result = (await logged) ?? (await updated)
  if (result.type === 'ended') {
    forgetReportState()
    explainAttempt(job)
  } else if (result.type === 'delivered') saveReportState({ runId, told: patch })
  settle(result)
  if (result.type === 'delivered') {
    setOutput('status', 'IN_PROGRESS')
    setOutput('statusLabel', patch.statusLabel)
    runnerLogger.info(`Port run ${runId} links to ${job.link}`)
  }
}

/** Its runner does not evaluate the defaults of inputs again for the post step, which then takes every job for a success. */
function warnOfGitea({ GITEA_ACTIONS }: Environment): void {
  if (GITEA_ACTIONS !== 'true') return
  runnerLogger.warning(
    `Gitea does not evaluate the default of jobStatus when the job ends. Unless this step has "jobStatus: \${{ job.status }}", a job that failed is reported as a success.`,
  )
}

function setOutputs(runId: string, job: ThisJob): void {
  setOutput('runId', runId)
  setOutput('url', job.link)
  if (job.externalRunId) setOutput('externalRunId', job.externalRunId)
}

function explainAttempt({ attempt, workflow }: ThisJob): void {
  if (attempt < 2) return
  runnerLogger.info(
    `This is attempt ${attempt} of ${workflow}. Port keeps the status that an earlier attempt reported: a run ends once. Run the action in Port again to see this one there.`,
  )
}
