import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inputsOf } from '../../../../test/support/thorough.ts'
import { createRedactor, secretsOf } from '../../src/text/redact.ts'
import { sanitize } from '../../src/text/sanitize.ts'

const TOKEN = 'tok3n/with+odd "chars" & <more>\\ü🐎'
const PEM = `-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEA7v1n0Zb2xJZk
c2VjcmV0IGxpbmUgbnVtYmVyIDI=
abcd
-----END RSA PRIVATE KEY-----
`

describe('a secret in text', () => {
  const redact = createRedactor([TOKEN])

  it.each([
    ['as it is', TOKEN],
    ['in a JSON string', JSON.stringify(TOKEN).slice(1, -1)],
    ['in JSON within a JSON string', JSON.stringify(JSON.stringify(TOKEN)).slice(3, -3)],
    [
      'in JSON that is ASCII',
      JSON.stringify(TOKEN)
        .slice(1, -1)
        .replace(/[^ -~]/g, escapeUnit),
    ],
    ['in JSON with \\/', JSON.stringify(TOKEN).slice(1, -1).replaceAll('/', '\\/')],
    ['in a URL', encodeURIComponent(TOKEN)],
    ['in a URL in lower case', encodeURIComponent(TOKEN).replace(/%../g, (x) => x.toLowerCase())],
    ['in a whole URL', new URL(`https://example.com/?q=${TOKEN}`).search.slice(3)],
    ['in a form', new URLSearchParams({ q: TOKEN }).toString().slice(2)],
    ['in a URL within JSON', encodeURIComponent(JSON.stringify(TOKEN).slice(1, -1))],
    ['in HTML', TOKEN.replace(/[<>&"]/g, (x) => `&#${x.charCodeAt(0)};`)],
    ['in HTML by name', TOKEN.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')],
  ])('is replaced %s', (_name, form) => {
    expect(redact(`before ${form} after`)).toBe('before *** after')
  })

  it.each([0, 1, 2, 3])('is replaced in base64 behind %i other bytes', (count) => {
    const bytes = Buffer.from(`${'x'.repeat(count)}${TOKEN}yz`)
    for (const encoding of ['base64', 'base64url'] as const) {
      const output = redact(`Basic ${bytes.toString(encoding)}.`)
      expect(output).toMatch(/^Basic [\w+/-]{0,4}\*\*\*[\w+/-]{0,4}={0,2}\.$/)
      const url = redact(encodeURIComponent(bytes.toString(encoding)))
      expect(url).toMatch(/^[\w+/-]{0,4}\*\*\*[\w+/%-]{0,10}$/)
    }
    expect(redact(`${Buffer.from(TOKEN).toString('base64')}.`)).toBe('***.')
  })

  it.each([76, 64, 20, 9, 1])(
    'is replaced where lines are wrapped after %i characters',
    (width) => {
      const wrap = (text: string, indent = '') =>
        text.replace(new RegExp(`.{${width}}`, 'gsu'), `$&\n${indent}`)
      const long = Buffer.from(`${'x'.repeat(50)}${TOKEN}yz`).toString('base64')
      const texts = [TOKEN, long].flatMap((form) => [
        wrap(form),
        wrap(form, '    '),
        wrap(form).replaceAll('\n', '\r\n'),
        JSON.stringify(wrap(form)),
        encodeURIComponent(wrap(form)),
      ])
      for (const text of texts) {
        const left = redact(`before\n${text}\nafter`)
        expect(left).toMatch(/^before\n.*\*\*\*.*\nafter$/s)
        expect(text.length + 14 - left.length).toBeGreaterThan(10)
        const joined = left.replace(/\\[rn]|%0A|[\s+]+/g, '')
        for (const shift of [0, 1, 2, 3]) {
          const decoded = Buffer.from(joined.slice(shift), 'base64').toString()
          expect(`${joined} ${decoded}`).not.toMatch(/tok3n\/|<more>/)
        }
      }
    },
  )

  it('is replaced as hexadecimal bytes', () => {
    const hex = Buffer.from(TOKEN).toString('hex')
    expect(redact(`<${hex}> ${hex.toUpperCase()}`)).toBe('<***> ***')
  })

  it('keeps the blanks around what was wrapped', () => {
    expect(redact(`a \n tok3n/with+odd "chars"\n  & <more>\\ü🐎  \n b`)).toBe('a \n ***  \n b')
    const short = createRedactor(['1234', 'dev1'])
    expect(short('12\n34 de\nv1')).toBe('12\n34 de\nv1')
  })

  it('is replaced where a message cuts it off', () => {
    expect(redact('string ("tok3n/with...) cannot be parsed')).toBe(
      'string ("***...) cannot be parsed',
    )
    expect(redact('value tok3n/with+odd…')).toBe('value ***…')
    expect(redact('value tok3n/with+o')).toBe('value ***')
    expect(redact('a tok3n/with others')).toBe('a tok3n/with others')
  })

  it('is replaced however often', () => {
    expect(redact(`${TOKEN}${TOKEN} ${TOKEN}`)).toBe('*** ***')
  })

  it('leaves other text as it is', () => {
    const text = '100 % of "tok3n"\\n &amp; %41 + \ud800'
    expect(redact(text)).toBe(text)
    expect(createRedactor([])(text)).toBe(text)
  })
})

describe('several secrets', () => {
  it('leave no end behind where one holds or overlaps another', () => {
    expect(createRedactor(['abcdefgh', 'abcdefghijklmnop'])('-abcdefghijklmnop-')).toBe('-***-')
    expect(
      createRedactor(['abcdefgh12345678', '12345678zzzzzzzz'])('abcdefgh12345678zzzzzzzz'),
    ).toBe('***')
  })

  it('can be added to', () => {
    const redact = createRedactor(['first-secret']).with(['second-secret'])
    expect(redact('first-secret, second-secret')).toBe('***, ***')
  })
})

describe('a secret of several lines', () => {
  const redact = createRedactor([PEM])

  it('is replaced as a whole, line by line, and with its line breaks changed', () => {
    expect(redact(`key: ${PEM}`)).toBe('key: ***')
    expect(redact('bad line MIIEpAIBAAKCAQEA7v1n0Zb2xJZk!')).toBe('bad line ***!')
    expect(redact(JSON.stringify({ key: PEM }))).toBe('{"key":"***"}')
    expect(redact(sanitize(PEM))).toBe('***')
  })

  it('does not take the words that every key begins with for secret', () => {
    const advice = 'The key begins with -----BEGIN RSA PRIVATE KEY-----'
    expect(redact(advice)).toBe(advice)
  })
})

describe('a short secret', () => {
  it('is replaced as a whole word from 4 characters on', () => {
    const redact = createRedactor(['test', '4711', 'abc', '1', ''])
    expect(redact('test "test" latest testing 4711 47110 abc 1')).toBe(
      '*** "***" latest testing *** 47110 abc 1',
    )
  })

  it('with white space around it is replaced without', () => {
    expect(createRedactor(['s3cr3t\n'])('found "s3cr3t"')).toBe('found "***"')
    expect(createRedactor(['long-enough-secret\n'])('long-enough-secret.')).toBe('***.')
    expect(createRedactor(['    \n\n     '])('a          b')).toBe('a          b')
  })
})

describe('a JSON value', () => {
  it('stays JSON', () => {
    const redact = createRedactor(['12345678', 'the-password'])
    expect(
      redact.json({ a: ['x the-password', 12_345_678, 5, null, true], 'the-password': {} }),
    ).toEqual({ a: ['x ***', '***', 5, null, true], '***': {} })
  })

  it('gives the secrets below .secrets', () => {
    const context = {
      secrets: { a: 'one', b: { c: [2, true, null, 'three'] } },
      inputs: { d: 'x' },
    }
    expect(secretsOf(context).sort()).toEqual(['2', 'one', 'three'])
    expect(secretsOf({})).toEqual([])
  })
})

it('is fast enough for large text', () => {
  const redact = createRedactor([
    PEM,
    TOKEN,
    ...Array.from({ length: 50 }, (_, i) => `secret-${i}-x`),
  ])
  const text = JSON.stringify({ text: 'some "text"\n%20 &amp; '.repeat(20_000) })
  redact(text)
  redact('\\u00'.repeat(200_000))
  redact('%E2%80'.repeat(200_000))
  redact('&#x'.repeat(200_000))
  createRedactor(['a'.repeat(100)])('a'.repeat(200_000))
})

/** What text of others does to a secret that it repeats. */
const encoders: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text),
  (text) => JSON.stringify(JSON.stringify(text)),
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(text).replace(/%../g, (x) => x.toLowerCase()),
  (text) => new URLSearchParams({ q: text }).toString(),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(`x${text}`).toString('base64url'),
  (text) => Buffer.from(`xy${text}y`).toString('base64'),
  (text) => Buffer.from(`user:${text}`).toString('base64'),
]

const byLine: readonly ((text: string) => string)[] = [
  (text) => text.split('\n').join('\r\n  '),
  (text) => text.split('\n').at(-1) ?? '',
]

describe('whatever the secrets and however they are written', () => {
  it('no 8 characters of one are left', () => {
    const unit = fc.oneof(
      { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }) },
      fc.string({ unit: 'binary', minLength: 8, maxLength: 40 }),
      fc
        .array(fc.base64String({ minLength: 8, maxLength: 60 }), { minLength: 2, maxLength: 4 })
        .map((x) => x.join('\n')),
      fc
        .array(fc.constantFrom('%41', '\\n', '+', '&amp;', '"', '/', ' ', 'ab'), { minLength: 8 })
        .map((x) => x.join('')),
    )
    const secrets = fc.array(
      unit.map((text) => text.toWellFormed()).filter((text) => text.trim().length >= 8),
      { minLength: 1, maxLength: 4 },
    )
    const parts = fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(...encoders, ...byLine),
        fc.constantFrom('', ' ', '"', '\n', '§'),
      ),
    )
    fc.assert(
      fc.property(secrets, parts, (all, written) => {
        const text = written
          .map(([index, encode, behind]) => encode(all[index % all.length] ?? '') + behind)
          .join('')
        const output = createRedactor(all)(text)
        for (const form of all.flatMap((secret) => encoders.map((encode) => encode(secret)))) {
          expect(output).not.toContain(form)
        }
        for (const secret of all)
          for (let start = 0; start + 8 <= secret.length; start++)
            expect(output).not.toContain(secret.slice(start, start + 8))
      }),
      { numRuns: inputsOf(1000), seed: 20_261_125 },
    )
  })
})

function escapeUnit(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

it('the beginning of a secret that JSON.parse quotes is hidden', () => {
  const redact = createRedactor(['client-secret-in-a-stack'])
  expect(redact(`Unexpected token 'c', "client-sec"... is not valid JSON`)).toBe(
    `Unexpected token 'c', "***"... is not valid JSON`,
  )
})
