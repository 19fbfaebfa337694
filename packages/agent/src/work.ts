// What sources hand to the worker, and what they learn of it.
import type { JsonObject } from '@port-dispatch/core'

export const SOURCES = ['kafka', 'claim', 'webhook'] as const

/** Where runs are taken from. */
export type SourceName = (typeof SOURCES)[number]

/** A run that Port hands out, whichever way it came. */
export interface Work {
  /** `r_…`, or `wfnr_…` for a node run of a workflow. */
  runId: string
  /**
   * Set for a change of the catalog (`{orgId}.change.log`). It belongs to no run: `runId` is its place in the topic, for
   * logs and to recognise it when it comes again, and Port has nothing to be asked about or to be reported to. After a
   * crash it is sent again.
   */
  isChange?: true
  source: SourceName
  /** Identifier of the action, where the message names it. */
  action?: string
  /** As Port rendered it, not checked yet. */
  invocationMethod: JsonObject
  /** The message as it came: what mappings see, and what a webhook without a body of its own receives. */
  message: JsonObject
  /** What templates see. */
  context: JsonObject
  /**
   * Whether another process, or this one before, may have begun it: `no` only where the source proves it. Port and the
   * backend are asked before anything is started for a run that may have been begun. `yes`: it was begun, and is only
   * found and followed on, never started.
   */
  mayHaveBegun: 'no' | 'maybe' | 'yes'
  /** When it was received, in milliseconds since the epoch by our clock. */
  receivedAt: number
  /** When Port or the broker had it, in milliseconds since the epoch, where that is known. */
  sentAt?: number
  /**
   * Makes the run ours once what it started is linked in Port, as an acknowledgement does. Called once, before the
   * run is followed; it must not throw.
   */
  onStarted?(): Promise<void>
}

/** What became of work. */
export type Settlement =
  /** Port knows how the run ended, or that its receiver reports the end. */
  | { type: 'done'; result: Result }
  /**
   * Not begun, or followed no longer, because the agent stops or the source let go of it: whoever has it next goes on.
   * `begun`: something was started, or may have been. `announced`: Port may still show that it is being started, which
   * it is not.
   */
  | { type: 'handed-over'; begun?: true; announced?: true }

/** Nothing was begun. */
export const HANDED_OVER: Settlement = { type: 'handed-over' }

/** How a run ended for the agent; the label `outcome` of the metrics. */
export type Result =
  | 'success'
  | 'failure'
  /** The receiver has it and reports the end. */
  | 'accepted'
  /** It is not known whether it was started; Port says so. */
  | 'unknown'
  /** It had ended, was declined, or somebody else executes it. */
  | 'skipped'
  /** It cannot be executed by anybody: not readable, not signed, of an unknown type. */
  | 'refused'

/** What the worker is to a source. */
export interface Intake {
  /**
   * Waits until another run can begin: the back-pressure. Resolves at once where there is room.
   *
   * @returns how many runs can begin now, at least 1; 0 after the signal was aborted
   */
  room(signal: AbortSignal): Promise<number>
  /**
   * Executes a run, or joins the execution of the same run that is under way. The caller need not wait for room, but
   * should not hold much more than there is room for.
   *
   * @param signal lets go of the run, such as when a partition is lost: nothing is started after it, what was started
   *   is linked but followed no longer
   */
  execute(work: Work, signal?: AbortSignal): Promise<Settlement>
  /** Counts and logs what is no work: a poison message. If it names a run, that run fails in Port with the reason. */
  refuse(refusal: Refusal): Promise<void>
}

/** A message or request that is no work. */
export interface Refusal {
  source: SourceName
  /** A word for the metrics: `not-json`, `bad-signature`, `unknown-type`, … */
  reason: string
  /** A sentence for people. No payload in it. */
  message: string
  /** The run that it names and that must not stay open. Never of a message whose signature is not valid. */
  runId?: string
  /** Another agent may have the run, and start it at this moment: it fails only if nobody has taken it before. */
  mayBeOthers?: boolean
}

/** Takes runs from one place. */
export interface Source {
  readonly name: SourceName
  /**
   * Takes runs until the signal is aborted; then stops taking, waits until its runs have settled (the worker hands
   * over or finishes them), settles them where they came from, and resolves.
   *
   * @throws PortDispatchError if it cannot go on: wrong credentials, a topic that does not exist
   */
  run(intake: Intake, signal: AbortSignal): Promise<void>
  /** Whether it is connected and takes runs; a reason if it is not. For `/readyz`. */
  readonly state: { ready: true } | { ready: false; reason: string }
  /** How many messages of its partitions are not done yet. */
  readonly lag?: readonly { topic: string; partition: number; messages: number }[]
}
