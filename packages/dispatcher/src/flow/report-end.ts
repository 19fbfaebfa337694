import type { Reporter, ReportResult } from '@port-dispatch/core/port'
import type { Outcome } from '@port-dispatch/core/run'
import { createRedactor, type Redactor, sanitize, secretsOf } from '@port-dispatch/core/text'
import type { End } from './conclude.ts'
import {
  type DispatchOptions,
  type DispatchResult,
  type DispatchStep,
  endsPortRun,
  type Progress,
} from './dispatch-steps.ts'
import type { Followed } from './follow.ts'

/** Reports what was accepted: the Port run stays open. */
export async function* accept(
  reporter: Reporter,
  message: string,
  progress: Progress,
): AsyncGenerator<DispatchStep, void> {
  const result = await reporter.log(message)
  note(progress, result)
  yield { type: 'reported', result }
}

/** Reports an end. A run that ended and whose Port run something else ends is left alone. */
export async function* finish(
  options: DispatchOptions,
  end: End,
  progress: Progress,
  followed?: Followed,
): AsyncGenerator<DispatchStep, DispatchResult['reported']> {
  const { reporter } = options
  const plan = progress.plan
  const isLeft = followed?.type === 'ended' && plan && !endsPortRun(options, plan)
  if (reporter && !isLeft) yield* report(reporter, clean(end, options), progress)
  return progress.reported
}

/** Ends the Port run, or leaves it open with a label. */
export async function* report(
  reporter: Reporter,
  { outcome, openLabel, message }: End,
  progress: Progress,
): AsyncGenerator<DispatchStep, void> {
  if (openLabel !== undefined) {
    for (const send of [
      () => reporter.update({ statusLabel: openLabel }),
      () => reporter.log(message),
    ]) {
      const result = await send()
      note(progress, result)
      yield { type: 'reported', result }
    }
  } else if (outcome) {
    const result = await reporter.finish({ ...outcome, message })
    note(progress, result)
    yield { type: 'reported', result, status: outcome }
  }
}

/** Text of others can hold what it was sent: no secret reaches Port, nor what only a terminal understands. */
export function clean<Said extends { message: string; outcome?: Outcome }>(
  said: Said,
  options: Pick<DispatchOptions, 'redactor' | 'triggerData'>,
): Said {
  const redact = redactorOf(options)
  const { outcome } = said
  return {
    ...said,
    message: sanitize(redact(said.message).split('\n')),
    ...(outcome && {
      outcome: { ...outcome, statusLabel: sanitize(redact(outcome.statusLabel)) },
    }),
  }
}

export function redactorOf({
  redactor,
  triggerData,
}: Pick<DispatchOptions, 'redactor' | 'triggerData'>): Redactor {
  return redactor ?? createRedactor(secretsOf(triggerData.context))
}

export function note(progress: Progress, result: ReportResult): void {
  progress.reported = result.type === 'failed' ? 'not-reported' : 'reported'
}
