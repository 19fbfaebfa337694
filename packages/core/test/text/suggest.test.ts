import { suggest } from '@port-dispatch/core/text'
import { expect, it } from 'vitest'

it.each([
  ['sise', 'size'],
  ['replica_count', 'replicaCount'],
  ['Environment', 'environment'],
  ['enviroment', 'environment'],
  ['szie', 'size'],
])('%s may mean %s', (name, meant) => {
  expect(suggest(name, ['size', 'replicaCount', 'environment', 'x'])).toBe(meant)
})

it('suggests nothing where nothing is like it, two are equally like it, or it exists', () => {
  expect(suggest('colour', ['size', 'environment'])).toBeUndefined()
  expect(suggest('sizes', ['size1', 'size2'])).toBeUndefined()
  expect(suggest('size', ['size', 'sise'])).toBeUndefined()
  expect(suggest('b', ['a'])).toBeUndefined()
})
