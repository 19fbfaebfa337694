import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRedactor } from '@port-dispatch/core/text'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectionsFromEnvironment, credentialsOf } from '../src/host/index.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'port-dispatch-secrets-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const PEM =
  '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\nc2Vjb25kIGxpbmUgaGVyZQ==\n-----END PRIVATE KEY-----\n'

/** What is printed of a text with this environment. */
function printed(env: Record<string, string>, text: string): string {
  return createRedactor(credentialsOf(env))(text)
}

describe('what the environment holds is hidden', () => {
  it.each<[string, Record<string, string>, string]>([
    ['the password of a proxy', { HTTPS_PROXY: 'http://ada:hunter22@proxy:3128' }, 'hunter22'],
    ['that of one without a scheme', { https_proxy: 'ada:hunter22@proxy:3128' }, 'hunter22'],
    ['that of one, decoded', { HTTP_PROXY: 'http://ada:hunter%2F22@proxy' }, 'hunter/22'],
    ['that of one, as it is written', { ALL_PROXY: 'http://ada:hunter%2F22@proxy' }, 'hunter%2F22'],
    ['a password with an @', { HTTPS_PROXY: 'http://ada:hunter@22@proxy:3128' }, 'hunter@22'],
    [
      'a password in a setting',
      { GITLAB_URL: 'https://bot:pass-word-1@gitlab.example' },
      'pass-word-1',
    ],
    ['a password in any address', { QUEUE_URL: 'amqp://app:pass-word-1@queue/app' }, 'pass-word-1'],
    [
      'one of several addresses',
      { MIRRORS: 'https://a.b, https://x:pass-word-1@c.d' },
      'pass-word-1',
    ],
    [
      'a token as user name',
      { REGISTRY: 'https://t0k3n-t0k3n-t0k3n@npm.example/' },
      't0k3n-t0k3n-t0k3n',
    ],
    [
      'an old client secret',
      { PORT_DISPATCH_OLD_CLIENT_SECRETS: 'first-old, second-old' },
      'second-old',
    ],
    [
      'a trigger token of a project',
      { acme_platform_infra: `glptt-${'1f'.repeat(20)}` },
      `glptt-${'1f'.repeat(20)}`,
    ],
    [
      'one of an older GitLab',
      { ACME_shop: '0123456789abcdef0123456789abcd' },
      '0123456789abcdef0123456789abcd',
    ],
    ['a token of GitLab', { GITLAB_READ_TOKEN: 'a1b2c3d4e5f6g7h8' }, 'a1b2c3d4e5f6g7h8'],
    ['a short one', { GITLAB_API_TOKEN: 'abcdefgh' }, 'abcdefgh'],
    ['the token of the job', { CI_JOB_TOKEN: '[masked-1]' }, '[masked-1]'],
    ['a token of somebody else', { VAULT_TOKEN: 'hvs.CAESIJ0123456789' }, 'hvs.CAESIJ0123456789'],
    [
      'a key on one line',
      { GITHUB_APP_PRIVATE_KEY: PEM.replaceAll('\n', '\\n') },
      'c2Vjb25kIGxpbmUgaGVyZQ==',
    ],
  ])('%s', (_, env, secret) => {
    expect(printed(env, `before ${secret} after`)).toBe('before *** after')
  })

  it.each(['PORT_DISPATCH_WEBHOOK_KEY', 'PORT_DISPATCH_TLS_KEY', 'GITHUB_APP_PRIVATE_KEY'])(
    'the private key whose path is given as %s, and not its path',
    (name) => {
      const path = join(folder, `${name}.pem`)
      writeFileSync(path, PEM)
      const env = { [name]: path }
      expect(printed(env, 'a line: c2Vjb25kIGxpbmUgaGVyZQ== of it')).toBe('a line: *** of it')
      expect(printed(env, PEM)).toBe('***')
      expect(printed(env, `${path} cannot be read`)).toBe(`${path} cannot be read`)
    },
  )

  it.each<[string, Record<string, string>, string]>([
    ['an address', { GITLAB_URL: 'https://gitlab.example.com' }, 'https://gitlab.example.com/a/b'],
    ['a proxy without a password', { HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128'],
    ['the user of one', { HTTPS_PROXY: 'http://adalovelace:hunter22@proxy' }, 'adalovelace proxy'],
    ['a word that is a password somewhere', { POSTGRES_PASSWORD: 'postgres' }, 'postgres-db'],
    [
      'a commit',
      { CI_COMMIT_SHA: '0123456789abcdef0123456789abcdef01234567' },
      '0123456789abcdef0123456789abcdef01234567',
    ],
    [
      'the path of a key that is not there',
      { PORT_DISPATCH_WEBHOOK_KEY: '/no/such/key.pem' },
      '/no/such/key.pem',
    ],
    ['an empty variable', { PORT_CLIENT_SECRET: '  ', HTTPS_PROXY: '' }, 'all of it'],
  ])('but not %s', (_, env, text) => {
    expect(printed(env, text)).toBe(text)
  })

  it('the trigger token of a project, whatever it looks like, once a run needs it', () => {
    const secrets: string[] = []
    const { gitlab } = connectionsFromEnvironment(
      { acme_platform_infra: 'just-some-words' },
      { onSecret: (secret) => secrets.push(secret) },
    )
    expect(secrets).toEqual([])
    expect(gitlab?.triggerTokenOf?.('acme/platform/infra')).toBe('just-some-words')
    expect(gitlab?.triggerTokenOf?.('acme/platform/other')).toBeUndefined()
    expect(secrets).toEqual(['just-some-words'])
  })
})

/** Where a secret can be in the environment. */
const PLACES: readonly ((secret: string) => Record<string, string>)[] = [
  (secret) => ({ PORT_CLIENT_SECRET: secret }),
  (secret) => ({ HTTPS_PROXY: `http://ada:${encodeURIComponent(secret)}@proxy.example:3128` }),
  (secret) => ({ http_proxy: `ada:${encodeURIComponent(secret)}@proxy.example:3128` }),
  (secret) => ({ GITHUB_API_URL: `https://bot:${encodeURIComponent(secret)}@github.example/api` }),
  (secret) => ({ ANYTHING: `see amqps://x:${encodeURIComponent(secret)}@mq.example/vhost` }),
  (secret) => ({ PORT_DISPATCH_OLD_CLIENT_SECRETS: `older-one ${secret.replace(/[\s,]/g, '-')}` }),
  (secret) => ({ group_project: `glptt-${Buffer.from(secret).toString('hex').padEnd(16, '0')}` }),
  (secret) => {
    const path = join(folder, `${Buffer.from(secret).toString('base64url').slice(0, 80)}.pem`)
    const lines = Buffer.from(secret).toString('base64').padEnd(16, '=')
    writeFileSync(path, `-----BEGIN EC PRIVATE KEY-----\n${lines}\n-----END EC PRIVATE KEY-----\n`)
    return { PORT_DISPATCH_WEBHOOK_KEY: path }
  },
]

/** How text of others repeats it. */
const ENCODERS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify({ text }),
  (text) => `https://x.example/?q=${encodeURIComponent(text)}`,
  (text) => `Proxy-Authorization: Basic ${Buffer.from(`ada:${text}`).toString('base64')}`,
  (text) => text.split('\n').join('\r\n    '),
]

it('is looked for in long words as fast as in others', () => {
  const seconds = (text: string) => {
    const begin = performance.now()
    credentialsOf({ A: text, B: `${text}@`, C: `x://${text}`, HTTPS_PROXY: text })
    return (performance.now() - begin) / 1_000
  }
  // It was half a minute.
  expect(seconds('y'.repeat(100_000))).toBeLessThan(2)
  expect(seconds('a@'.repeat(50_000))).toBeLessThan(2)
  expect(seconds('a://'.repeat(25_000))).toBeLessThan(2)
})

describe('wherever a secret is and however it is repeated', () => {
  it('no 8 characters of it are left', () => {
    const secret = fc
      .string({ unit: 'grapheme', minLength: 8, maxLength: 40 })
      .map((text) => text.toWellFormed())
      .filter((text) => text.trim().length >= 8 && !/[\r\n\0]/.test(text))
    const place = fc.constantFrom(...PLACES)
    const written = fc.array(fc.constantFrom(...ENCODERS), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(secret, place, written, (given, placeOf, encoders) => {
        const env = placeOf(given)
        // What a program reads from there.
        const read = credentialsOf(env)
        expect(read.length).toBeGreaterThan(0)
        const output = printed(
          env,
          read.flatMap((text) => encoders.map((e) => e(text))).join(' § '),
        )
        for (const text of read) {
          for (const line of text.split('\n').filter((part) => !part.startsWith('-----'))) {
            for (let start = 0; start + 8 <= line.length; start++) {
              expect(output).not.toContain(line.slice(start, start + 8))
            }
          }
        }
      }),
      { numRuns: 200, seed: 20_261_125 },
    )
  })
})
