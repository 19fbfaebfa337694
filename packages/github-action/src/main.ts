// What the runner starts for the step itself. What an operation does not need is not loaded.
import { readOperation } from './inputs/inputs.ts'
import { maskSecrets } from './inputs/secrets.ts'
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
      return await (await import('./operations/create-run.ts')).createRun()
    case 'RENDER':
      return await (await import('./operations/render.ts')).renderInvocation(process.env)
    case 'LINT':
      return await (await import('./operations/lint/index.ts')).lintActions()
    case 'DISPATCH':
      return await (await import('./operations/dispatch.ts')).dispatchInvocation(process.env)
    case 'UPSERT':
      return await (await import('./operations/entities/index.ts')).upsertEntity()
    case 'BULK_UPSERT':
      return await (await import('./operations/entities/index.ts')).upsertEntities()
    case 'GET':
      return await (await import('./operations/entities/index.ts')).getEntity()
    case 'DELETE':
      return await (await import('./operations/entities/index.ts')).deleteEntity()
    case 'SEARCH':
      return await (await import('./operations/entities/index.ts')).searchEntities()
  }
})
