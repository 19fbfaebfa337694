// What BULK_UPSERT makes of what Port responds, without a process around it.
import { formatError, type JsonObject } from '@port-dispatch/core'
import { PortClient } from '@port-dispatch/core/port'
import { describe, expect, test } from 'vitest'
import {
  bulkUpsert,
  readEntities,
} from '../../../packages/github-action/src/operations/entities/bulk-upsert.ts'
import { Catalog } from './catalog.ts'

const it = test.extend<{ catalog: Catalog; store: (response: JsonObject) => Promise<string> }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  catalog: async ({}, use) => {
    const catalog = await Catalog.start()
    await use(catalog)
    await catalog.close()
  },
  store: async ({ catalog }, use) => {
    await use(async (response) => {
      const port = new PortClient({ clientId: 'a', clientSecret: 'b', baseUrl: catalog.url })
      const bulk = ({ call }: { call: string }) => call.includes('/bulk?')
      catalog.refuse = (call) => (bulk(call) ? { status: 207, body: response } : undefined)
      const entities = readEntities([
        { blueprint: 'service', identifier: 'a' },
        { blueprint: 'service', identifier: 'b' },
      ])
      return await bulkUpsert(port, entities, { deadline: Date.now() + 10_000 }).then(
        () => 'stored',
        (error) => formatError(error, (name) => name),
      )
    })
  },
})

describe('BULK_UPSERT believes that an entity is stored', () => {
  it.for([
    [
      { index: 0, identifier: 'a' },
      { index: 1, identifier: 'b' },
    ],
    [{ identifier: 'b' }, { identifier: 'a' }],
    [{ identifier: 'made-1' }, { identifier: 'made-2' }],
  ])(
    'if the response holds it by place, by identifier or by number: %j',
    async (entities, { store }) => {
      expect(await store({ ok: true, entities })).toBe('stored')
    },
  )

  it('and sends it again if the response names another one only', async ({ catalog, store }) => {
    await store({ ok: true, entities: [{ identifier: 'b' }], errors: [] })
    expect(catalog.calls.map(({ body }) => body)).toEqual([
      expect.objectContaining({ entities: expect.anything() }),
      { blueprint: 'service', identifier: 'a' },
    ])
  })

  it('and says what the response says of entities that it does not name', async ({ store }) => {
    const text = await store({
      ok: false,
      entities: [],
      errors: [{ message: 'The quota is used' }],
    })
    expect(text).toContain('entities[0] a of service: The quota is used')
    expect(text).toContain('entities[1] b of service: The quota is used')
  })
})

it('BULK_UPSERT names blueprints that cannot be part of an address before it sends anything', () => {
  const read = () =>
    readEntities([
      { blueprint: 'a\\b' },
      { blueprint: 'a/b' },
      { blueprint: 5 },
      { blueprint: ' ' },
    ])
  expect(read).toThrow(
    [
      'entities[1].blueprint: found "a/b", with a slash',
      'entities[2].blueprint: is not a string',
      'entities[3].blueprint: is empty',
    ].join('\n  '),
  )
})
