import type { Clock } from '../clock.ts'
import type { Json } from '../json.ts'
import type { CutPart } from './fit.ts'
import type { PortError } from './port-error.ts'
import { isProvisionalId, type PortRun } from './port-run.ts'
import {
  type LogLine,
  type Lost,
  lostChange,
  lostLine,
  lostOutput,
  merged,
  type ReportResult,
  type RunChange,
} from './report.ts'

/** Others write on a run too: what it had longer ago says nothing of what a change of ours would replace. */
const KNOWN_FOR_MS = 10_000

/** What a reporter knows of its run: what the run has, what is still to be sent, and what was lost. */
export class Ledger {
  readonly #clock: Clock
  #run: PortRun | undefined
  #seenAt = Number.NEGATIVE_INFINITY
  /** Why something was not delivered, the last time. */
  error: PortError | undefined
  /** External run id that we wrote, and may replace. */
  ownExternalRunId: string | undefined
  /** Changes that Port does not have yet. */
  #change: RunChange = {}
  #lines: LogLine[] = []
  /** What Port did not take and what will not be sent again. */
  readonly #refused: Lost[] = []
  /** How many of these were named in the result of the report in which they were refused. */
  #named = 0
  readonly #cut = new Set<CutPart>()
  /** An output was given to a run that has none. */
  ignoredOutput = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The run as Port showed it last. */
  get run(): PortRun | undefined {
    return this.#run
  }

  set run(run: PortRun | undefined) {
    this.#run = run
    this.#seenAt = this.#clock.now()
  }

  /** A report begins: its result names what becomes of it. */
  begin(): void {
    this.#named = this.#refused.length
    this.#cut.clear()
    this.ignoredOutput = false
  }

  /** Nothing can be sent any more: the result names all that was refused at any time. */
  nameAll(): void {
    this.#named = 0
  }

  /** What the run does not have of the changes, without what would replace something of others. */
  get lacking(): RunChange {
    const { link, externalRunId, ...rest } = this.#change
    const lacking: RunChange = { ...rest }
    const held = [this.run?.link ?? []].flat()
    const links = [...new Set([...held, ...[link ?? []].flat()])]
    const [first] = links
    if (link !== undefined && links.length > held.length && first !== undefined) {
      lacking.link = links.length === 1 ? first : links
    }
    const heldId = this.run?.externalRunId
    if (externalRunId !== undefined && externalRunId !== heldId) {
      const isFree = !heldId || heldId === this.ownExternalRunId || isProvisionalId(heldId)
      if (isFree) lacking.externalRunId = externalRunId
    }
    return lacking
  }

  /** The changes that cannot replace anything of others. */
  get harmless(): RunChange {
    const { link: _link, externalRunId: _id, ...harmless } = this.#change
    return harmless
  }

  /** Whether what the run has must be known before the changes can be sent. */
  get needsRun(): boolean {
    const { link, externalRunId } = this.#change
    const isKnown = this.#clock.now() - this.#seenAt <= KNOWN_FOR_MS
    return !isKnown && (link !== undefined || externalRunId !== undefined)
  }

  /** Takes an output out that Port would not take, and names it as lost. */
  refuseOutput(problemOf: (output: Json) => PortError | undefined): void {
    const { output } = this.#change
    const problem = output === undefined ? undefined : problemOf(output)
    if (output === undefined || !problem) return
    this.take(['output'])
    this.refuse(lostOutput(output))
    this.error = problem
  }

  add(change: RunChange): void {
    this.#change = merged(this.#change, change)
  }

  addLine(line: LogLine): void {
    this.#lines.push(line)
  }

  /** Takes changes out, because they are being sent or need not be. */
  take(
    keys: readonly (keyof RunChange)[] = [
      'statusLabel',
      'link',
      'summary',
      'externalRunId',
      'output',
    ],
  ): void {
    for (const key of keys) delete this.#change[key]
  }

  takeLines(): LogLine[] {
    const lines = this.#lines
    this.#lines = []
    return lines
  }

  /** Puts back what was not delivered. What was added meanwhile is newer. */
  putBack(change: RunChange, lines: readonly LogLine[] = []): void {
    this.#change = merged(change, this.#change)
    this.#lines = [...lines, ...this.#lines]
  }

  refuse(...lost: Lost[]): void {
    this.#refused.push(...lost)
  }

  cut(parts: readonly CutPart[]): void {
    for (const part of parts) this.#cut.add(part)
  }

  /** @param more what is lost and not kept here */
  result(runId: string, more: readonly Lost[] = []): ReportResult {
    const lost = [
      ...this.#refused.slice(this.#named),
      ...lostChange(this.#change),
      ...this.#lines.map(lostLine),
      ...more,
    ]
    const run = this.run && { run: this.run }
    if (lost.length > 0 && this.error) return { type: 'failed', error: this.error, lost, ...run }
    return {
      type: 'delivered',
      runId,
      ...run,
      ...(this.#cut.size > 0 && { cut: [...this.#cut] }),
      ...(this.ignoredOutput && { ignored: 'output' }),
    }
  }
}
