// What the runner starts when the job ends. The inputs are evaluated again then, so that `jobStatus` is final.
import { maskSecrets } from './inputs/inputs.ts'
import { finishReport } from './operations/report/finish-report.ts'
import { loadReportState } from './operations/report/report-state.ts'
import { perform } from './runner.ts'

const state = loadReportState()
if (state) {
  void perform(async () => {
    maskSecrets()
    await finishReport(state, process.env)
  })
}
