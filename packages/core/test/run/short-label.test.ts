import { shortLabel } from '@port-dispatch/core/run'
import { describe, expect, it } from 'vitest'

describe('a label for Port', () => {
  it.each(['Success', '', 'x'.repeat(60)])('stays as it is if it is short: %j', (label) => {
    expect(shortLabel(label)).toBe(label)
  })

  it('is cut to 60 characters', () => {
    expect(shortLabel(`Failed: ${'job, '.repeat(20)}end`)).toMatch(/^Failed: job, .*…$/)
    expect(shortLabel('x'.repeat(61))).toHaveLength(60)
  })

  it('keeps its closing quotation mark', () => {
    expect(shortLabel(`Failed at "${'step '.repeat(20)}"`)).toMatch(/^Failed at "step .*…"$/)
  })

  it('is never cut within a character', () => {
    expect(shortLabel('🚀'.repeat(40)).isWellFormed()).toBe(true)
  })
})
