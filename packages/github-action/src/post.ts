// What the runner starts when the job ends. The inputs are evaluated again then, so that `jobStatus` is final.
import { maskSecrets } from './inputs.ts'
import { perform } from './perform.ts'
import { finishReport } from './report/finish-report.ts'
import { loadReportState } from './report/report-state.ts'

const state = loadReportState()
if (state) {
  await perform(async () => {
    maskSecrets()
    await finishReport(state, process.env)
  })
}
