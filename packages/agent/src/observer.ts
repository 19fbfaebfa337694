import type { Settlement, SourceName, Work } from './work.ts'

/** Is told what happens, for metrics. */
export interface Observer {
  received(work: Work): void
  /** @param at when the backend responded, in milliseconds since the epoch by our clock */
  started(work: Work, backend: string, at: number): void
  settled(work: Work, backend: string, settlement: Settlement): void
  /** The same run came again. */
  repeated(source: SourceName): void
  refused(source: SourceName, reason: string): void
}

/** Counts nothing. */
export const silentObserver: Observer = {
  received() {},
  started() {},
  settled() {},
  repeated() {},
  refused() {},
}
