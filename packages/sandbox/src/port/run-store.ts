import type { JsonObject } from '@port-dispatch/core'
import type { Context } from '../context.ts'
import type { PortAction } from '../definition/definition.ts'
import { hash } from '../hash.ts'
import { refuse } from './refuse.ts'

export interface PortLog {
  id: string
  message: string
  createdBy: string
  /** Milliseconds since 1970. */
  createdAt: number
}

export interface PortRun {
  readonly id: string
  readonly action: PortAction
  readonly properties: Readonly<Record<string, unknown>>
  readonly entity: string | undefined
  readonly createdBy: string
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number
  updatedAt: number
  endedAt: number | undefined
  status: string
  statusLabel: string | undefined
  link: string | readonly string[] | undefined
  summary: string | undefined
  externalRunId: string | undefined
  /** The invocation method as it was rendered, once the run was handed out. */
  payload: JsonObject | undefined
  /** What a synchronized webhook responded. */
  response: unknown
  readonly logs: PortLog[]
}

export interface RunChange {
  status?: string
  statusLabel?: string
  link?: string | readonly string[]
  summary?: string
  externalRunId?: string
}

export class PortRuns {
  readonly #context: Context
  readonly #runs = new Map<string, PortRun>()

  constructor(context: Context) {
    this.#context = context
  }

  create(
    action: PortAction,
    details: {
      id?: string | undefined
      properties?: Readonly<Record<string, unknown>> | undefined
      entity?: string | undefined
      createdBy?: string | undefined
    },
  ): PortRun {
    const at = this.#context.now()
    const run: PortRun = {
      id: details.id ?? `r_${hash('run', this.#runs.size).slice(0, 16)}`,
      action,
      properties: details.properties ?? {},
      entity: details.entity,
      createdBy: details.createdBy ?? 'sandbox',
      createdAt: at,
      updatedAt: at,
      endedAt: undefined,
      status: 'IN_PROGRESS',
      statusLabel: undefined,
      link: undefined,
      summary: undefined,
      externalRunId: undefined,
      payload: undefined,
      response: undefined,
      logs: [],
    }
    this.#runs.set(run.id, run)
    return run
  }

  get(id: string): PortRun | undefined {
    return this.#runs.get(id)
  }

  /** Newest first. */
  all(): readonly PortRun[] {
    return [...this.#runs.values()].reverse()
  }

  require(id: string): PortRun {
    return (
      this.#runs.get(id) ?? refuse(404, 'not_found', `Action run with id "${id}" was not found`)
    )
  }

  /** Replaces the fields in the change. A status is final: after it, all changes are refused. */
  change(id: string, change: RunChange): PortRun {
    const run = this.#requireOpen(id)
    Object.assign(run, change)
    run.updatedAt = this.#context.now()
    if (change.status !== undefined) run.endedAt = run.updatedAt
    return run
  }

  respond(id: string, response: unknown): PortRun {
    const run = this.#requireOpen(id)
    run.response = response
    return run
  }

  log(id: string, message: string, createdBy: string): PortLog {
    const run = this.#requireOpen(id)
    const createdAt = this.#context.now()
    const log = {
      id: `log_${hash(id, run.logs.length).slice(0, 16)}`,
      message,
      createdBy,
      createdAt,
    }
    run.logs.push(log)
    run.updatedAt = createdAt
    return log
  }

  #requireOpen(id: string): PortRun {
    const run = this.require(id)
    if (run.endedAt !== undefined)
      refuse(422, 'run_ended', `Action run "${id}" ended with ${run.status} and cannot be changed`)
    return run
  }
}
