import {
  constants,
  createCipheriv,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { formatProblem } from '@port-dispatch/core'
import { type DecryptionKey, decryptValue } from '@port-dispatch/core/port'
import { describe, expect, it } from 'vitest'

const SECRET = 'client-secret-of-more-than-32-bytes-in-length'

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

function seal(text: string, key: Buffer | string, ivBytes: number): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

/** As Port does it for `"encryption": "aes256-gcm"`. */
function byPort(text: string, secret = SECRET): string {
  return seal(text, secret.slice(0, 32), 16).toString('base64')
}

/** As the browser does it for a key of the user. */
function byClient(text: string): string {
  const key = randomBytes(32)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const wrapped = publicEncrypt({ key: publicKey, padding, oaepHash: 'sha256' }, key)
  return Buffer.concat([wrapped, seal(text, key, 12)]).toString('base64')
}

function refusal(encrypted: unknown, key: DecryptionKey): string {
  const result = decryptValue(encrypted, key)
  return result.ok
    ? `decrypted ${result.text}`
    : formatProblem(result.problem, (name) => `<${name}>`)
}

describe('a secret user input', () => {
  const texts = ['hunter2', '', '{"a": 1}', 'line\nline', 'ünïcode 🐎', 'x'.repeat(100_000)]

  it.each(texts)('encrypted with the client secret is decrypted', (text) => {
    expect(decryptValue(byPort(text), { clientSecret: SECRET })).toEqual({ ok: true, text })
  })

  it.each(texts)('encrypted for an RSA key is decrypted', (text) => {
    expect(decryptValue(byClient(text), { privateKey })).toEqual({ ok: true, text })
  })

  it('may have blanks around it, as values in files have', () => {
    expect(decryptValue(`${byPort('x')}\n`, { clientSecret: SECRET })).toMatchObject({ text: 'x' })
  })
})

describe('what cannot be decrypted is refused with its reason', () => {
  it.each<[string, unknown, DecryptionKey]>([
    ['is missing', undefined, { clientSecret: SECRET }],
    ['is null; expected a string', null, { clientSecret: SECRET }],
    ['is a list', [], { clientSecret: SECRET }],
    ['is a value of type number', 7, { privateKey }],
    ['is empty', ' ', { clientSecret: SECRET }],
    ['is not base64', 'not encrypted!', { clientSecret: SECRET }],
    ['is not a value that Port encrypted', 'plain', { clientSecret: SECRET }],
    ['is not a value that Port encrypted', byPort('x', 'z'.repeat(32)), { clientSecret: SECRET }],
    ['is not a value that was encrypted for this private key', byPort('x'), { privateKey }],
    ['is not a value that was encrypted for this private key', 'AAAA', { privateKey }],
    ['is not a value that Port encrypted', byClient('x'), { clientSecret: SECRET }],
    [
      '<port.clientSecret>: has 5 bytes; expected at least 32',
      byPort('x'),
      { clientSecret: 'short' },
    ],
    ['<port.clientSecret>: has 0 bytes', byPort('x'), { clientSecret: '' }],
    ['the private key is not an RSA key in PEM form', byClient('x'), { privateKey: 'rubbish' }],
    ['the private key is not an RSA key in PEM form', byClient('x'), { privateKey: publicKey }],
  ])('%s', (reason, encrypted, key) => {
    expect(refusal(encrypted, key)).toContain(reason)
  })

  it('a value that was changed on the way', () => {
    for (const [encrypted, key] of [
      [byPort('abc'), { clientSecret: SECRET }],
      [byClient('abc'), { privateKey }],
    ] as const) {
      const bytes = Buffer.from(encrypted, 'base64')
      for (let at = 0; at < bytes.length; at += 13) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ 1
        expect(decryptValue(changed.toString('base64'), key).ok).toBe(false)
      }
    }
  })

  it('never shows the value or the key', () => {
    const encrypted = byPort('x', 'another-secret-of-at-least-32-bytes')
    expect(refusal(encrypted, { clientSecret: SECRET })).not.toContain(encrypted.slice(0, 8))
    expect(refusal('c2VjcmV0', { clientSecret: 'shorty' })).not.toContain('shorty')
  })
})
