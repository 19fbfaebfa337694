import { maskSecrets } from './inputs/secrets.ts'
import { finishReport } from './operations/report/finish-report.ts'
import { loadReportState } from './operations/report/report-state.ts'
import { perform } from './runner.ts'

/** Does what the step has left to do when the job ends. */
export async function finish(): Promise<void> {
  await perform(async () => {
    maskSecrets()
    const state = loadReportState()
    if (state) await finishReport(state, process.env)
  })
}
