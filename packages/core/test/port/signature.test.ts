import type { JsonObject } from '@port-dispatch/core'
import {
  sign,
  signatureHeaders,
  signMessage,
  type Verification,
  verify,
  verifyMessage,
} from '@port-dispatch/core/port'
import { describe, expect, it } from 'vitest'
import vectors from './signature-vectors.json' with { type: 'json' }

const { secret, timestamp } = vectors
const now = timestamp * 1000
const body = '{"context":{"runId":"r_1"}}'
const headers = signatureHeaders({ secret, timestamp, body })

describe('the signature of a webhook', () => {
  it.each(vectors.webhooks)('vector: $name', (vector) => {
    const secrets = 'secrets' in vector && vector.secrets ? vector.secrets : secret
    const found = verify({ secrets, headers: vector.headers, body: vector.body, now })
    expect(found).toMatchObject(vector.expected)
    const bytes = new TextEncoder().encode(vector.body)
    expect(verify({ secrets, headers: vector.headers, body: bytes, now })).toEqual(found)
  })

  it('is what Port writes', () => {
    const [first] = vectors.webhooks
    expect(sign({ secret, timestamp, body: first?.body ?? '' })).toBe(
      first?.headers['x-port-signature'],
    )
  })

  it.each([
    ['fetch, Hono', new Headers(headers)],
    [
      'another case, Lambda',
      { 'X-Port-Signature': headers['x-port-signature'], 'X-Port-Timestamp': timestamp },
    ],
    [
      'Node',
      {
        'x-port-signature': [headers['x-port-signature'] ?? ''],
        'x-port-timestamp': String(timestamp),
        host: undefined,
      },
    ],
    [
      'blanks around',
      {
        'x-port-signature': ` ${headers['x-port-signature']} `,
        'x-port-timestamp': ` ${timestamp}`,
      },
    ],
  ])('is found in headers as others have them: %s', (_, given) => {
    expect(verify({ secrets: secret, headers: given, body, now })).toEqual({
      valid: true,
      form: 'raw',
      timestamp,
      secret: 0,
    })
  })

  it('is valid for five minutes before and after, or as long as the receiver says', () => {
    const at = (ms: number, tolerance?: number) =>
      verify({ secrets: secret, headers, body, now: now + ms, ...(tolerance && { tolerance }) })
    expect(at(300_000)).toMatchObject({ valid: true })
    expect(at(-300_000)).toMatchObject({ valid: true })
    expect(at(300_001)).toMatchObject({
      reason: 'stale',
      message: expect.stringContaining('signed 300 s ago; the limit is 300 s'),
    })
    expect(at(-400_000)).toMatchObject({
      reason: 'stale',
      message: expect.stringContaining('400 s in the future'),
    })
    expect(at(11_000, 10_000)).toMatchObject({ reason: 'stale' })
    expect(at(86_400_000, Number.POSITIVE_INFINITY)).toMatchObject({ valid: true })
  })

  it('names the secret that matched, so that a rotation can be ended', () => {
    const secrets = ['the-new-one', undefined, '', secret]
    expect(verify({ secrets, headers, body, now })).toMatchObject({ valid: true, secret: 3 })
  })

  it.each<[string, Record<string, string>]>([
    ['missing-header x-port-signature', { 'x-port-timestamp': String(timestamp) }],
    ['missing-header x-port-signature', { ...headers, 'x-port-signature': ' ' }],
    ['missing-header x-port-timestamp', { 'x-port-signature': 'v1,abc' }],
    ['malformed-header x-port-timestamp', { ...headers, 'x-port-timestamp': 'yesterday' }],
    ['malformed-header x-port-timestamp', { ...headers, 'x-port-timestamp': '-5' }],
    ['malformed-header x-port-timestamp', { ...headers, 'x-port-timestamp': `${now}` }],
    ['malformed-header x-port-signature', { ...headers, 'x-port-signature': 'v2,abc' }],
    ['malformed-header x-port-signature', { ...headers, 'x-port-signature': 'v1,' }],
    ['malformed-header x-port-signature', { ...headers, 'x-port-signature': 'v1,AAAA' }],
    ['malformed-header x-port-signature', { ...headers, 'x-port-signature': 'sha256=abc' }],
  ])('%s', (expected, given) => {
    const found = verify({ secrets: secret, headers: given, body, now })
    expect(`${reason(found)} ${'header' in found ? found.header : ''}`).toBe(expected)
  })

  it('is never valid without a secret', () => {
    const forged = signatureHeaders({ secret: '', timestamp, body })
    for (const secrets of ['', [], ['', undefined]]) {
      expect(reason(verify({ secrets, headers: forged, body, now }))).toBe('missing-secret')
    }
    expect(reason(verify({ secrets: ['', 'x'], headers: forged, body, now }))).toBe('mismatch')
  })

  it('says what differs where that can be told, and never shows secret or signature', () => {
    const messages = [
      verify({ secrets: `${secret}\n`, headers, body, now }),
      verify({ secrets: secret, headers, body: `${body}\n`, now }),
      verify({ secrets: 'another', headers, body, now }),
    ].map((found) => ('message' in found ? found.message : found.form))
    expect(messages).toEqual([
      expect.stringContaining('The client secret has blanks or a line break around it'),
      'reserialized',
      expect.stringContaining('made with another client secret, or for another body'),
    ])
    const text = verify({
      secrets: secret,
      headers: signatureHeaders({ secret, timestamp, body: 'text' }),
      body: 'text\n',
      now,
    })
    expect(text).toMatchObject({ message: expect.stringContaining('The body has blanks') })
    expect(JSON.stringify([messages, text])).not.toContain(secret)
  })

  it('never throws, whatever comes', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    for (const given of [deep, '\u0000', '{"__proto__":1}', new Uint8Array([0xff, 0xfe])]) {
      expect(reason(verify({ secrets: secret, headers, body: given, now }))).toBe('mismatch')
    }
  })
})

describe('the signature inside a Kafka message', () => {
  it.each(vectors.messages)('vector: $name', ({ value, expected }) => {
    expect(verifyMessage({ secrets: secret, message: value, now })).toMatchObject(expected)
    expect(verifyMessage({ secrets: secret, message: JSON.parse(value), now })).toMatchObject(
      expected,
    )
    expect(verifyMessage({ secrets: secret, message: Buffer.from(value), now })).toMatchObject(
      expected,
    )
  })

  it.each<[string, JsonObject]>([
    ['with headers', { a: 1, headers: { x: 'y' }, b: 2 }],
    ['without headers', { a: 1 }],
    [
      'of GitLab',
      { payload: { action: { invocationMethod: { type: 'GITLAB' } } }, headers: { x: 1 } },
    ],
  ])('that we make is valid: a message %s', (_, message) => {
    const signed = signMessage({ secret, timestamp, message })
    expect(verifyMessage({ secrets: secret, message: JSON.stringify(signed) })).toMatchObject({
      valid: true,
    })
    expect(message).not.toHaveProperty('headers.X-Port-Signature')
  })

  it('is valid however long the message waited, unless the receiver limits it', () => {
    const message = signMessage({ secret, timestamp, message: { a: 1 } })
    const later = now + 86_400_000
    expect(verifyMessage({ secrets: secret, message, now: later })).toMatchObject({ valid: true })
    expect(
      reason(verifyMessage({ secrets: secret, message, now: later, tolerance: 300_000 })),
    ).toBe('stale')
  })

  it.each([
    ['not-json', 'text'],
    ['not-json', '[]'],
    ['not-json', 'null'],
    ['missing-header', '{}'],
    ['missing-header', '{"headers":null}'],
    ['missing-header', '{"headers":{"X-Port-Timestamp":"1"}}'],
  ])('%s: %s', (expected, message) => {
    expect(reason(verifyMessage({ secrets: secret, message, now }))).toBe(expected)
  })
})

function reason(found: Verification): string {
  return found.valid ? 'valid' : found.reason
}
