import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { settingsFrom } from '../../../packages/agent/src/settings/settings.ts'
import { findTool } from '../../support/find-tool.ts'
import { runProcess } from '../../support/run-process.ts'

const DEPLOY = resolve(import.meta.dirname, '../../../deploy')
const UNIT = join(DEPLOY, 'systemd/port-dispatch-agent.service')
const compose = readdirSync(join(DEPLOY, 'compose')).filter((name) => name.endsWith('.yaml'))
const env = { PATH: process.env.PATH, HOME: process.env.HOME }

const systemd = findTool('systemd-analyze', 'apt-get install systemd') ?? ''
const checker = findTool('check-jsonschema', 'pip install check-jsonschema==0.39.0') ?? ''

describe.skipIf(systemd === '')('the unit of systemd', () => {
  it('is valid', async () => {
    const result = await runProcess(systemd, ['verify', UNIT], { env, cwd: DEPLOY })
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('leaves the process little that it could harm', async () => {
    const args = ['security', '--offline=true', '--threshold=15', UNIT]
    expect(await runProcess(systemd, args, { env, cwd: DEPLOY })).toMatchObject({ code: 0 })
  })
})

/** What the agent takes for a stop where nothing else is set, in seconds. */
const GRACE = settingsFrom({ PORT_CLIENT_ID: 'a', PORT_CLIENT_SECRET: 'b' }).grace / 1000

it('the unit of systemd gives the agent time to stop', () => {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(readFileSync(UNIT, 'utf8')) ?? []
  expect(Number(seconds)).toBeGreaterThan(GRACE)
})

describe('the files of docker compose', () => {
  it.skipIf(checker === '').each(compose)('%s is valid', async (name) => {
    const args = ['--builtin-schema', 'vendor.compose-spec', join(DEPLOY, 'compose', name)]
    const { code, stdout, stderr } = await runProcess(checker, args, { env, cwd: DEPLOY })
    expect({ code, output: stdout + stderr }).toMatchObject({ code: 0 })
  })

  it.each(compose)('%s gives the agent time to stop, in the image of this version', (name) => {
    const { services } = parse(readFileSync(join(DEPLOY, 'compose', name), 'utf8'))
    const { agent } = services
    expect(Number.parseInt(agent.stop_grace_period, 10)).toBeGreaterThan(GRACE)
    const { version } = JSON.parse(
      readFileSync(join(DEPLOY, '../packages/agent/package.json'), 'utf8'),
    )
    for (const { image } of Object.values<{ image: string }>(services)) {
      expect(image).toBe(`port-dispatch-agent:${version}`)
    }
  })
})
