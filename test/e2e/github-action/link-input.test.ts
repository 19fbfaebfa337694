import { afterEach, expect, it, vi } from 'vitest'
import { linkInput } from '../../../packages/github-action/src/inputs/links.ts'

afterEach(() => vi.unstubAllEnvs())

it.each([
  ['', []],
  ['null', []],
  ['[]', []],
  ['[null, "https://a.example", ""]', ['https://a.example']],
  ['"https://a.example/x y"', ['https://a.example/x y']],
  ['https://a.example\n  https://b.example\n', ['https://a.example', 'https://b.example']],
])('the input link takes %j', (text, links) => {
  vi.stubEnv('INPUT_LINK', text)
  expect(linkInput()).toEqual(links)
})

it.each(['[1]', '{"a": 1}', 'a.example', '["https://a.example", 1]'])(
  'the input link does not take %j',
  (text) => {
    vi.stubEnv('INPUT_LINK', text)
    expect(linkInput).toThrow('link: ')
  },
)
