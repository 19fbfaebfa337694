// How Port hands out runs for agents: a setting of the organization that Port's own agent makes when it starts.
import { formatError, PortDispatchError } from '@port-dispatch/core'
import { type PortClient, PortError, type StreamerName } from '@port-dispatch/core/port'
import type { Logger } from 'pino'
import { settingName } from './setting-names.ts'

/**
 * Has Port hand out runs by the source that this agent takes them from. Nothing depends on it: an organization that is
 * set so already goes on without it, so that a failure is a warning.
 *
 * @param signal ends the waiting for Port
 */
export async function setStreamer(
  port: PortClient,
  streamer: StreamerName,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> {
  try {
    await port.claims.handOutBy(streamer, { signal })
    log.info({ portAgentStreamerName: streamer }, 'Port hands out runs for agents by this source.')
  } catch (error) {
    // Of credentials that are wrong the source says so, and ends the agent.
    if (signal.aborted || (error instanceof PortError && error.status === 401)) return
    if (!(error instanceof PortDispatchError)) throw error
    log.warn(`${formatError(error, settingName)} Port hands out runs for agents as it did before.`)
  }
}
