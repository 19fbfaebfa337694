import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { INPUT_NAMES } from '../../../packages/github-action/src/inputs/inputs.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'))

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax */
const TOP_LEVEL = ['name', 'description', 'author', 'branding', 'inputs', 'outputs', 'runs']
const COLORS = ['white', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark']
/** The marketplace cuts longer descriptions. */
const MAX_DESCRIPTION = 125

describe('action.yml', () => {
  it('has the keys that GitHub knows, and no others', () => {
    expect(Object.keys(action).sort()).toEqual(TOP_LEVEL.toSorted())
    expect(action.description.length).toBeLessThanOrEqual(MAX_DESCRIPTION)
    expect(action.branding).toEqual({ icon: expect.any(String), color: expect.any(String) })
    expect(COLORS).toContain(action.branding.color)
  })

  it('runs bundles that are there, on the Node version that runners have', () => {
    expect(Object.keys(action.runs).sort()).toEqual(['main', 'post', 'using'])
    expect(action.runs.using).toBe('node24')
    for (const bundle of [action.runs.main, action.runs.post]) {
      expect(existsSync(join(ROOT, bundle)), bundle).toBe(true)
    }
  })

  it('describes every input that the code reads, and reads every input that it describes', () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...INPUT_NAMES].sort())
    for (const [name, input] of Object.entries<Record<string, unknown>>(action.inputs)) {
      expect(input.description, name).toEqual(expect.stringMatching(/\.$/))
      expect(Object.keys(input), name).not.toContain('required')
      // The runner takes strings only: `default: false` would be an error in older ones.
      expect(typeof (input.default ?? ''), name).toBe('string')
      expect(['description', 'default']).toEqual(expect.arrayContaining(Object.keys(input)))
    }
  })

  it('describes every output', () => {
    for (const [name, output] of Object.entries<Record<string, unknown>>(action.outputs)) {
      expect(output, name).toEqual({ description: expect.stringMatching(/\.$/) })
    }
  })

  it('loads for REPORT nothing that it does not need', () => {
    for (const bundle of ['dist/main.cjs', 'dist/post.cjs']) {
      expect(statSync(join(ROOT, bundle)).size, bundle).toBeLessThan(96_000)
    }
  })

  it('comes with less than 3 MB', () => {
    const folder = join(ROOT, 'dist')
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3_000_000)
  })
})
