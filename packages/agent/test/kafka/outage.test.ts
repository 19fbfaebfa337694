import type { Logger } from '@port-dispatch/core'
import { describe, expect, it } from 'vitest'
import { Outage } from '../../src/sources/kafka/outage.ts'

function started() {
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)
  const logger: Logger = { info: log, notice: log, warning: log }
  return { lines, outage: new Outage(logger) }
}

describe('an outage', () => {
  it('is not one while it connects for the first time', () => {
    const { lines, outage } = started()
    expect(outage.state).toEqual({ ready: false, reason: 'is connecting to Kafka' })
    outage.end('group')
    expect(outage.state).toEqual({ ready: true })
    expect(lines).toEqual([])
  })

  it('is said once, whatever fails because of it, and once when it is over', () => {
    const { lines, outage } = started()
    outage.end('group')
    outage.begin('group', 'No connection.')
    outage.begin('broker 1', 'No connection to 1.')
    outage.begin('group', 'Still no connection.')
    outage.end('broker 1')
    expect(outage.state).toEqual({ ready: false, reason: 'Still no connection.' })
    outage.end('group')
    expect(outage.state).toEqual({ ready: true })
    expect(lines).toEqual(['No connection.', 'Connected to Kafka again.'])
  })

  it('goes on over a connection that is made anew', () => {
    const { lines, outage } = started()
    outage.begin('broker 1', 'No connection.')
    outage.restart('is connecting to Kafka')
    outage.begin('group', 'No connection.')
    outage.end('group')
    expect(lines).toEqual(['No connection.', 'Connected to Kafka again.'])
  })
})
