import { describe, expect, it } from 'vitest'
import {
  errorPhrase,
  explain,
  formatError,
  InputError,
  PortDispatchError,
  phrase,
  setting,
  silentLogger,
} from '../src/index.ts'

const names = (name: string) => `<${name}>`

describe('an error', () => {
  it('shows settings under the names that the reader knows', () => {
    const error = new InputError('Missing settings for Port:', [
      {
        setting: 'port.clientId',
        found: 'is missing',
        advice: phrase`See also ${setting('report')}`,
      },
    ])
    expect(formatError(error, names)).toBe(
      'Missing settings for Port:\n  <port.clientId>: is missing. See also <report>',
    )
  })

  it('never rewrites what it quotes', () => {
    const error = new PortDispatchError(
      'BACKEND',
      'Failed at "helm upgrade --wait port.clientId".',
      {
        advice: phrase`Raise ${setting('timeout')}.`,
      },
    )
    expect(formatError(error, names)).toBe(
      'Failed at "helm upgrade --wait port.clientId". Raise <timeout>.',
    )
  })

  it('keeps settings data where it is quoted by another error', () => {
    const cause = new InputError('Missing settings:', [
      { setting: 'github.token', path: 'x', found: 'is missing', excerpt: ['a: b'] },
    ])
    const error = new PortDispatchError('PORT', phrase`${errorPhrase(cause)}\nNothing was sent.`, {
      advice: phrase`See ${setting('again')}.`,
    })
    expect(formatError(error, names)).toBe(
      'Missing settings:\n  <github.token>, x: is missing\n      a: b\nNothing was sent. See <again>.',
    )
  })

  it('is explained to those who read a log with the names that they know', () => {
    const error = new PortDispatchError('PORT', phrase`Check ${setting('port.baseUrl')}.`)
    const logger = { ...silentLogger, settingName: names }
    expect(explain(error, logger)).toBe('Check <port.baseUrl>.')
    expect(explain(error, silentLogger)).toBe('Check port.baseUrl.')
  })

  it('says what was expected and what to do, by path', () => {
    const error = new InputError('The action is not valid:', [
      { path: 'invocationMethod.org', found: 'found 3', expected: 'a string', advice: 'Quote it' },
      { path: '', found: 'is empty' },
    ])
    expect(error.message.split('\n')).toEqual([
      'The action is not valid:',
      '  invocationMethod.org: found 3; expected a string. Quote it',
      '  is empty',
    ])
  })
})

describe('instanceof', () => {
  it('holds between copies of the module', async () => {
    const copy = await import(`../src/errors.ts?${'copy'}`)
    const error: unknown = new copy.InputError('x', [])
    expect(error instanceof InputError).toBe(true)
    expect(error instanceof PortDispatchError).toBe(true)
    expect(new copy.PortDispatchError('PORT', 'x') instanceof InputError).toBe(false)
  })

  it('tells classes without a brand of their own apart', () => {
    class Mine extends InputError {}
    const mine = new Mine('x', [])
    expect(mine instanceof Mine).toBe(true)
    expect(mine instanceof InputError).toBe(true)
    expect(new InputError('x', []) instanceof Mine).toBe(false)
    expect(new Error('x') instanceof PortDispatchError).toBe(false)
  })
})
