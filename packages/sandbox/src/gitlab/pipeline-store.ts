import type { Context } from '../context.ts'
import type { ProjectDefinition } from '../definition/definition.ts'
import { hash } from '../hash.ts'
import {
  FINAL_STATUSES,
  type PipelineEnd,
  type PipelineState,
  pipelineState,
} from './pipeline-state.ts'

export interface PipelineVariable {
  key: string
  value: string
  variable_type: 'env_var' | 'file'
}

export interface NewPipeline {
  ref: string
  tag: boolean
  source: 'trigger' | 'api'
  variables: readonly PipelineVariable[]
  inputs: Readonly<Record<string, unknown>>
}

export interface Pipeline extends NewPipeline {
  readonly id: number
  readonly iid: number
  readonly project: ProjectDefinition
  readonly sha: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  end: PipelineEnd | undefined
}

const FIRST_PIPELINE_ID = 1_284_301
const CANCEL_SECONDS = 0.2

export class Pipelines {
  readonly #context: Context
  readonly #pipelines: Pipeline[] = []

  constructor(context: Context) {
    this.#context = context
  }

  create(project: ProjectDefinition, pipeline: NewPipeline): Pipeline {
    const created: Pipeline = {
      ...pipeline,
      id: FIRST_PIPELINE_ID + this.#pipelines.length * 3,
      iid: this.of(project).length + 1,
      project,
      sha: hash('commit', project.path, pipeline.ref),
      createdAt: this.#context.now(),
      end: undefined,
    }
    this.#pipelines.push(created)
    return created
  }

  /** Newest first. */
  of(project: ProjectDefinition): Pipeline[] {
    return this.#pipelines.filter((pipeline) => pipeline.project === project).reverse()
  }

  state(pipeline: Pipeline): PipelineState {
    return pipelineState(
      { ...pipeline, values: valuesOf(pipeline) },
      this.#context.now(),
      this.#context.second,
    )
  }

  /** Cancels a pipeline that runs or waits. GitLab responds with success in any case. */
  cancel(pipeline: Pipeline): void {
    if (FINAL_STATUSES.includes(this.state(pipeline).status)) return
    const asked = this.#context.now()
    const at = asked + CANCEL_SECONDS * this.#context.second
    pipeline.end ??= { asked, at, status: 'canceled' }
  }
}

/** The values for the conditions of a definition: variables and inputs by name. */
export function valuesOf({ variables, inputs }: NewPipeline): Record<string, unknown> {
  return { ...inputs, ...Object.fromEntries(variables.map(({ key, value }) => [key, value])) }
}
