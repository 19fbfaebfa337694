import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sign, signMessage } from '@port-dispatch/core/port'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../support/run-command.ts'

const secret = 'port-client-secret-4f9d02c7a1'
const compact = '{"service":"checkout","replicas":2}'
const nowSeconds = () => Math.floor(Date.now() / 1000)

interface Sent {
  /** What Port signed. Default: what was received. */
  signed?: string
  /** Seconds since the epoch. Default: now. */
  timestamp?: number
  /** Which client secret the user has. Default: that of Port. */
  own?: string | undefined
  flags?: string[]
}

/** A webhook as Port sends it, and what the user gives to the command. */
function verify(received: string, sent: Sent = {}) {
  const { signed = received, timestamp = nowSeconds(), flags = [] } = sent
  const signature = sign({ secret, timestamp, body: signed })
  const headers = ['--header', `X-Port-Signature: ${signature}`, '--header']
  const result = run(received, [...headers, `x-port-timestamp:${timestamp}`, ...flags], sent)
  return result.then((said) => {
    const [, right = ''] = signature.split(',')
    expect(`${said.stdout}${said.stderr}`).not.toContain(right)
    return said
  })
}

function run(body: string, flags: string[], sent: Pick<Sent, 'own'> = {}) {
  const own = 'own' in sent ? sent.own : secret
  const env = own === undefined ? {} : { PORT_CLIENT_SECRET: own }
  return runCommand(['verify', '--body', '-', ...flags], { env, input: body })
}

describe.concurrent('port-dispatch verify', () => {
  it('finds a webhook valid for its bytes', async () => {
    const { code, stdout, stderr } = await verify(compact)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('(raw)')
  })

  it('finds a webhook valid whose body was formatted on the way', async () => {
    const formatted = JSON.stringify(JSON.parse(compact), null, 2)
    const { code, stdout } = await verify(formatted, { signed: compact })
    expect(code).toBe(0)
    expect(stdout).toContain('(reserialized)')
  })

  it('reads a file exactly, also one that is not UTF-8', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verify-'))
    try {
      const body = Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x00, 0x0d, 0x0a])
      const file = join(folder, 'body')
      await writeFile(file, body)
      const timestamp = nowSeconds()
      const headers = [
        `x-port-signature:${sign({ secret, timestamp, body })}`,
        `x-port-timestamp:${timestamp}`,
      ]
      const { code, stdout } = await runCommand(
        ['verify', '--body', file, ...headers.flatMap((header) => ['--header', header])],
        { env: { PORT_CLIENT_SECRET: secret } },
      )
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('(raw)') })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('finds a Kafka message valid that holds its signature, however old it is', async () => {
    const message = signMessage({
      secret,
      timestamp: 1_700_000_000,
      message: { payload: { service: 'checkout' }, headers: { 'X-Port-Type': 'run' } },
    })
    const text = JSON.stringify(message, null, 2)
    const valid = await run(text, [])
    expect({ code: valid.code, stdout: valid.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/Kafka message is valid.*2023-11-14T22:13:20/),
    })
    const old = await run(text, ['--tolerance', '1h'])
    expect({ code: old.code, stderr: old.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('Apart from its age'),
    })
    const changed = await run(text.replace('checkout', 'payments'), [])
    expect({ code: changed.code, stderr: changed.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('order of keys'),
    })
  })

  it('names the header that is missing', async () => {
    const { code, stdout, stderr } = await run(compact, ['--header', 'x-port-timestamp: 1'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('The header x-port-signature is missing.')
    expect(stderr).toContain("--header 'x-port-signature: …'")
  })

  it('says how old a webhook is, and whether it is valid apart from that', async () => {
    const timestamp = nowSeconds() - 7_200
    const stale = await verify(compact, { timestamp })
    expect(stale.code).toBe(1)
    expect(stale.stderr).toMatch(/signed 2 hours ago; the limit is 300 s/)
    expect(stale.stderr).toContain('Apart from its age, the signature is valid')
    const wrong = await verify(compact, { timestamp, own: 'another-client-secret' })
    expect(wrong.stderr).toContain('does not match either')
    expect(await verify(compact, { timestamp, flags: ['--tolerance', 'off'] })).toMatchObject({
      code: 0,
    })
  })

  it.for([
    ['a wrong secret', compact, { own: 'another-client-secret' }, 'The secret: PORT_CLIENT_SECRET'],
    ['a changed value', '{ "a": 1 }', { signed: '{"a":2}' }, 'white space is not the reason'],
    ['a parser', '{"a":1}', { signed: '{"a":1.0}' }, 'if a parser wrote it again'],
    ['a body that is empty', '', { signed: compact }, 'it is empty'],
    ['a body that was cut off', '{"a":', { signed: '{"a":1}' }, 'it is not JSON'],
  ] as const)('hints at %s', async ([, received, sent, hint]) => {
    const { code, stdout, stderr } = await verify(received, sent)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(hint)
  })

  it('does not guess where it knows: a line break after the body or the secret', async () => {
    const body = await verify('{"a":1.0}\n', { signed: '{"a":1.0}' })
    expect(body.stderr).toContain('The body has blanks or a line break around it.')
    const own = await verify(compact, { own: `${secret}\n` })
    expect(own.stderr).toContain('The client secret has blanks or a line break around it.')
    expect(`${body.stderr}${own.stderr}`).not.toContain('hint:')
    expect(own.stderr).not.toContain(secret)
    expect([body.code, own.code]).toEqual([1, 1])
  })

  it.for([
    ['no secret', [], 'PORT_CLIENT_SECRET', { own: undefined }],
    ['a header without a colon', ['--header', 'Bearer abc'], '--header', {}],
    ['a header twice', ['--header', 'a:1', '--header', 'A:2'], 'more than once', {}],
    ['no time span', ['--tolerance', 'soon'], 'Expected a time span', {}],
    ['a file that is not there', ['--body', '/nowhere/body'], 'there is no such file', {}],
    ['a secret as an argument', ['--secret', 'x'], 'unknown option', {}],
  ] as const)('refuses %s with exit code 2', async ([, flags, message, sent]) => {
    const { code, stdout, stderr } = await run(compact, [...flags], sent)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('Bearer abc')
  })
})
