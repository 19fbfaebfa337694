import { formatProblem } from '@port-dispatch/core'
import { check } from '@port-dispatch/core/schema'
import { parse, YAMLParseError } from 'yaml'
import { parseWorkflow, WorkflowFileError } from '../github/workflow-file.ts'
import { defaultDefinition } from './default-definition.ts'
import type { CompleteDefinition, SandboxDefinition } from './definition.ts'
import { definitionSchema } from './definition-schema.ts'

/** An invalid definition. `problems` lists every problem with its path. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(
      `The sandbox definition is not valid:\n${problems.map((text) => `- ${text}`).join('\n')}`,
      options,
    )
    this.problems = problems
  }
}

/**
 * Parses a definition of what a sandbox serves.
 *
 * @param source YAML or JSON text, or the parsed data. A service that is missing is taken from
 *   `defaultDefinition`.
 * @throws DefinitionError with every problem, each with its path
 */
export function parseSandboxDefinition(source: unknown): CompleteDefinition {
  const data = typeof source === 'string' ? parseText(source) : source
  const checked = check(definitionSchema, data)
  if (!checked.ok) {
    throw new DefinitionError(checked.problems.map((problem) => formatProblem(problem, String)))
  }
  const problems = inconsistencies(checked.output)
  if (problems.length > 0) throw new DefinitionError(problems)
  return { ...defaultDefinition, ...checked.output }
}

function parseText(source: string): unknown {
  try {
    return parse(source)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    throw new DefinitionError([error.message], { cause: error })
  }
}

/** Problems between values: references to things that do not exist, and duplicate names. */
function inconsistencies({ port, github, gitlab }: SandboxDefinition): string[] {
  const problems: string[] = []
  const once = (at: string, values: readonly (string | number)[]) => {
    for (const value of new Set(values.filter((entry, index) => values.indexOf(entry) !== index)))
      problems.push(`${at}: ${JSON.stringify(value)} is used more than once`)
  }
  if (port) {
    const actions = (port.actions ?? []).map(({ identifier }) => identifier)
    once('port.actions', actions)
    once(
      'port.runs',
      (port.runs ?? []).map((run) => run.id),
    )
    for (const [index, run] of (port.runs ?? []).entries())
      if (!actions.includes(run.action))
        problems.push(
          `port.runs[${index}].action: there is no action ${JSON.stringify(run.action)}`,
        )
  }
  if (github) {
    once(
      'github.repositories',
      github.repositories.map(({ name }) => name),
    )
    once(
      'github.repositories',
      github.repositories.map((repository) => repository.id),
    )
    for (const [index, repository] of github.repositories.entries())
      for (const [file, { content, plan }] of Object.entries(repository.workflows)) {
        const at = `github.repositories[${index}].workflows.${JSON.stringify(file)}`
        const steps = stepNames(content, at, problems)
        for (const step of Object.keys(plan?.steps ?? {}))
          if (steps && !steps.includes(step))
            problems.push(
              `${at}.plan.steps: the workflow has no step ${JSON.stringify(step)}; its steps are ${steps.join(', ')}`,
            )
      }
  }
  if (gitlab) {
    once(
      'gitlab.projects',
      gitlab.projects.map(({ path }) => path),
    )
    once(
      'gitlab.projects',
      gitlab.projects.map((project) => project.id),
    )
    for (const [index, { jobs, stages }] of gitlab.projects.entries())
      for (const [position, { stage }] of jobs.entries())
        if (!stages.includes(stage))
          problems.push(
            `gitlab.projects[${index}].jobs[${position}].stage: ${JSON.stringify(stage)} is not one of the stages ${stages.join(', ')}`,
          )
  }
  return problems
}

function stepNames(content: string, at: string, problems: string[]): string[] | undefined {
  try {
    return parseWorkflow(content).jobs.flatMap((job) => job.steps.map((step) => step.name))
  } catch (error) {
    if (!(error instanceof WorkflowFileError)) throw error
    problems.push(`${at}.content: ${error.message}`)
    return undefined
  }
}
