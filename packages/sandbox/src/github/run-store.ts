import type { Context } from '../context.ts'
import type { RepositoryDefinition, WorkflowDefinition } from '../definition/definition.ts'
import { hash } from '../hash.ts'
import type { RunEnd } from './cut-jobs.ts'
import { type RunState, runState } from './run-state.ts'
import { fillInputs, type Workflow } from './workflow-file.ts'

export interface ServedWorkflow {
  readonly id: number
  readonly file: string
  readonly definition: WorkflowDefinition
  readonly parsed: Workflow
}

export interface ServedRepository {
  readonly owner: string
  readonly name: string
  readonly definition: RepositoryDefinition
  readonly defaultBranch: string
  readonly branches: readonly string[]
  readonly tags: readonly string[]
  readonly workflows: readonly ServedWorkflow[]
}

export interface WorkflowRun {
  readonly id: number
  readonly number: number
  readonly repository: ServedRepository
  readonly workflow: ServedWorkflow
  readonly ref: string
  readonly sha: string
  readonly title: string
  /** As they were sent. */
  readonly sentInputs: Readonly<Record<string, string>>
  /** With defaults for inputs that were not sent. */
  readonly inputs: Readonly<Record<string, string>>
  readonly createdAt: number
  end: RunEnd | undefined
}

const FIRST_RUN_ID = 17_240_000_001
const CANCEL_SECONDS = 0.2

export class WorkflowRuns {
  readonly #context: Context
  readonly #runs: WorkflowRun[] = []

  constructor(context: Context) {
    this.#context = context
  }

  create(
    repository: ServedRepository,
    workflow: ServedWorkflow,
    ref: string,
    sentInputs: Readonly<Record<string, string>>,
  ): WorkflowRun {
    const { parsed } = workflow
    const defaults = [...(parsed.inputs ?? [])].map(([name, input]) => [name, input.default ?? ''])
    const inputs = { ...Object.fromEntries(defaults), ...sentInputs }
    const run: WorkflowRun = {
      id: FIRST_RUN_ID + this.#runs.length * 7,
      number: this.#runs.filter((other) => other.workflow === workflow).length + 1,
      repository,
      workflow,
      ref,
      sha: hash('commit', repository.definition.name, ref),
      title: fillInputs(parsed.runName ?? parsed.name ?? workflow.file, inputs),
      sentInputs,
      inputs,
      createdAt: this.#context.now(),
      end: undefined,
    }
    this.#runs.push(run)
    return run
  }

  /** Newest first. */
  of(repository: ServedRepository): WorkflowRun[] {
    return this.#runs.filter((run) => run.repository === repository).reverse()
  }

  state(run: WorkflowRun): RunState {
    const { workflow, inputs, createdAt, end } = run
    const { parsed, definition } = workflow
    return runState(
      { workflow: parsed, plan: definition.plan, inputs, createdAt, end },
      this.#context.now(),
      this.#context.second,
    )
  }

  /** Ends a run as a runner does, after a short delay. */
  cancel(run: WorkflowRun): void {
    const at = this.#context.now() + CANCEL_SECONDS * this.#context.second
    run.end ??= { at, status: 'completed', conclusion: 'cancelled' }
  }
}
