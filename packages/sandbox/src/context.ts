/** What the services share: their address, and how fast time passes. */
export interface Context {
  /** Origin of the links in responses, without a trailing slash. */
  origin: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How many milliseconds a second of a definition takes. */
  readonly second: number
}
