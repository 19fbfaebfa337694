import { parseBody } from '@port-dispatch/core/http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`

describe('the body of a response', () => {
  it('is read as JSON is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseBody(text)).toEqual(JSON.parse(text))
      }),
      { seed: 20_261_125 },
    )
    expect(() => parseBody('<html>')).toThrow(SyntaxError)
  })

  it('can be nested 1,000 levels deep and no deeper, which a walk over it would not survive', () => {
    expect(parseBody(nested(1_000))).toBeInstanceOf(Array)
    for (const levels of [1_002, 100_000]) {
      expect(() => parseBody(nested(levels))).toThrow('nested more than 1000 levels deep')
    }
  })

  it('can hold brackets in text, and many beside each other', () => {
    const text = JSON.stringify({ text: `"\\${'[{'.repeat(5_000)}\\`, more: '['.repeat(5_000) })
    expect(parseBody(text)).toEqual(JSON.parse(text))
    expect(parseBody(`[${'[],'.repeat(5_000)}{}]`)).toHaveLength(5_001)
  })

  it('is looked through in time that grows with its length', () => {
    for (const piece of ['"', '\\', '"\\', '\\"', '[]', '"a",'])
      expect(() => parseBody(`[${piece.repeat(1_000_000)}`)).toThrow(SyntaxError)
  })
})
