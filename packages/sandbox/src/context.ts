/** What the stand-ins share: where they are served, and how their time passes. */
export interface Context {
  /** Origin of the links in answers, without a slash at the end. */
  origin: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds that a second of a definition takes. */
  readonly second: number
}
