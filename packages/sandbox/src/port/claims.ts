/** What was claimed is claimable again after this time unless it was acknowledged, in milliseconds. */
const VISIBILITY_MS = 60_000

/** The installation as whom Port's agent claims: what says `agent: true`. */
const AGENT = '_PORT_EXEC_AGENT'

interface Claim {
  /** Milliseconds since 1970. */
  until: number
  isAcknowledged: boolean
}

/** Who has claimed what. Runs go to the first who claims them, and become claimable again if they are not acknowledged. */
export class Claims {
  readonly #now: () => number
  readonly #claims = new Map<string, Claim>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Takes what nobody has, at most as many as the request asks for. */
  take<T>(free: readonly T[], idOf: (item: T) => string, request: Record<string, unknown>): T[] {
    const { limit = 100, visibilityTimeoutMs = VISIBILITY_MS, exclude = [] } = request
    const now = this.#now()
    const excluded = Array.isArray(exclude) ? exclude : []
    const taken = free
      .filter((item) => {
        const claim = this.#claims.get(idOf(item))
        const isFree = !claim || (!claim.isAcknowledged && claim.until <= now)
        return isFree && !excluded.includes(idOf(item))
      })
      .slice(0, Number(limit))
    for (const item of taken) {
      const until = now + Number(visibilityTimeoutMs)
      this.#claims.set(idOf(item), { until, isAcknowledged: false })
    }
    return taken
  }

  /** @returns whether it was claimed and nobody had acknowledged it */
  acknowledge(id: string): boolean {
    const claim = this.#claims.get(id)
    if (!claim || claim.isAcknowledged) return false
    claim.isAcknowledged = true
    return true
  }
}

/** Whether a method is for the installation that claims: Port's agent, or an integration by its identifier. */
export function isFor(
  { type, agent, installationId }: Readonly<Record<string, unknown>>,
  request: Record<string, unknown>,
): boolean {
  const { installationId: claiming = AGENT, invocationMethod } = request
  if (invocationMethod !== undefined && type !== invocationMethod) return false
  if (claiming === AGENT) return agent === true
  return type === 'INTEGRATION_ACTION' && installationId === claiming
}
