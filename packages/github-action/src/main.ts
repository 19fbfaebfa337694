// What the runner starts for the step itself.
import { maskSecrets, readOperation } from './inputs/inputs.ts'
import { loadInvocation } from './load-invocation.ts'
import { startReport } from './operations/report/start-report.ts'
import { perform } from './runner.ts'

void perform(async () => {
  maskSecrets()
  switch (readOperation()) {
    case 'REPORT':
      return await startReport(process.env)
    case 'PATCH_RUN':
      return await (await import('./operations/patch-run.ts')).patchRun(process.env)
    case 'CREATE_RUN':
      return await (await loadInvocation()).createRun()
    case 'RENDER':
      return await (await loadInvocation()).renderInvocation(process.env)
    case 'DISPATCH':
      return await (await loadInvocation()).dispatchInvocation(process.env)
  }
})
