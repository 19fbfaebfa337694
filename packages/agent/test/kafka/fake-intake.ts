import type { Intake, Refusal, Settlement, Work } from '../../src/work.ts'

export interface Execution {
  work: Work
  /** Aborted when the partition is lost. */
  signal: AbortSignal
  settle(settlement?: Settlement): void
}

/** A worker that records what it is given, and settles it when the test says so. */
export class FakeIntake implements Intake {
  readonly executions: Execution[] = []
  readonly refusals: Refusal[] = []
  readonly #onExecute: ((execution: Execution) => void) | undefined
  /** How many may be under way. */
  limit = Number.POSITIVE_INFINITY
  #underWay = 0
  #wake: (() => void)[] = []

  constructor(onExecute?: (execution: Execution) => void) {
    this.#onExecute = onExecute
  }

  get ids(): string[] {
    return this.executions.map(({ work }) => work.runId)
  }

  async room(signal: AbortSignal): Promise<number> {
    while (this.#underWay >= this.limit && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return signal.aborted ? 0 : Math.min(64, this.limit - this.#underWay)
  }

  async execute(work: Work, signal: AbortSignal): Promise<Settlement> {
    this.#underWay++
    const settled = Promise.withResolvers<Settlement>()
    const execution: Execution = {
      work,
      signal,
      settle: (settlement = { type: 'done', result: 'success' }) => settled.resolve(settlement),
    }
    this.executions.push(execution)
    this.#onExecute?.(execution)
    const settlement = await settled.promise
    this.#underWay--
    for (const wake of this.#wake.splice(0)) wake()
    return settlement
  }

  async refuse(refusal: Refusal): Promise<void> {
    this.refusals.push(refusal)
  }
}

/** Lets go of a run as the worker does: when the partition is lost it is handed over. */
export function untilLost({ signal, settle }: Execution): void {
  signal.addEventListener('abort', () => settle({ type: 'handed-over' }), { once: true })
}
