import type { RepositoryDefinition } from '../definition/definition.ts'
import type { ServedRepository } from './run-store.ts'
import { parseWorkflow } from './workflow-file.ts'

/** A repository with parsed workflow files and default values. */
export function serveRepository(definition: RepositoryDefinition): ServedRepository {
  const [owner = '', name = ''] = definition.name.split('/')
  const { defaultBranch = 'main', branches = [], tags = [] } = definition
  return {
    owner,
    name,
    definition,
    defaultBranch,
    branches: [...new Set([defaultBranch, ...branches])],
    tags,
    workflows: Object.entries(definition.workflows).map(([file, workflow], index) => ({
      id: definition.id * 10 + index + 1,
      file,
      definition: workflow,
      parsed: parseWorkflow(workflow.content),
    })),
  }
}
