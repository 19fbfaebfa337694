import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest } from '../../support/sandbox-test.ts'
import { Catalog } from './catalog.ts'

const it = sandboxTest.extend<{
  catalog: Catalog
  step: (inputs: Record<string, string>) => ReturnType<ActionStep['main']>
}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  catalog: async ({}, use) => {
    const catalog = await Catalog.start()
    await use(catalog)
    await catalog.close()
  },
  step: async ({ sandbox, catalog }, use) => {
    await use((inputs) =>
      new ActionStep({ sandbox, inputs: { baseUrl: catalog.url, ...inputs } }).main(),
    )
  },
})

const checkout = { operation: 'UPSERT', blueprint: 'service', identifier: 'checkout' }

describe.concurrent('UPSERT', () => {
  it('stores an entity as port-github-action does', async ({ catalog, step }) => {
    const main = await step({
      ...checkout,
      title: 'Checkout',
      icon: 'Cart',
      team: '["payments", "web"]',
      properties: '{"tier": 1}',
      relations: '{}',
      runId: 'r_1',
      createMissingRelatedEntities: 'true',
    })
    expect(main).toMatchObject({ code: 0, annotations: [], outputs: { identifier: 'checkout' } })
    expect(catalog.calls).toEqual([
      {
        call: 'POST /v1/blueprints/service/entities?upsert=true&merge=true&run_id=r_1&create_missing_related_entities=true',
        body: {
          identifier: 'checkout',
          title: 'Checkout',
          icon: 'Cart',
          blueprint: 'service',
          properties: { tier: 1 },
          team: ['payments', 'web'],
          relations: {},
        },
      },
    ])
  })

  it('leaves out what is empty, and has Port make the identifier', async ({ catalog, step }) => {
    const main = await step({ ...checkout, identifier: '', title: '', team: '', relations: 'null' })
    expect(main).toMatchObject({ code: 0, outputs: { identifier: 'made-0' } })
    expect(catalog.calls).toEqual([
      {
        call: 'POST /v1/blueprints/service/entities?upsert=true&merge=true',
        body: { blueprint: 'service', properties: {}, relations: {} },
      },
    ])
  })

  it('is what a step without operation does that is about an entity', async ({ catalog, step }) => {
    expect(await step({ blueprint: 'service', identifier: 'a' })).toMatchObject({ code: 0 })
    expect(catalog.routes).toEqual(['POST /v1/blueprints/service/entities'])
    expect(await step({ entities: '[]', runId: 'r_1' })).toMatchObject({
      code: 1,
      annotations: [
        expect.stringContaining('warning: entities: is not an input of UPSERT'),
        expect.stringContaining('blueprint: is missing'),
      ],
      state: {},
    })
    expect(catalog.calls).toHaveLength(1)
  })

  it('reads a text of several lines in JSON as port-github-action does', async ({
    catalog,
    step,
  }) => {
    await step({ ...checkout, properties: '{\n  "text": "one\n  two"\n}' })
    expect(catalog.calls[0]?.body).toMatchObject({ properties: { text: 'onetwo' } })
  })

  it('takes the name of a team, and passes over inputs of other operations', async ({
    catalog,
    step,
  }) => {
    const main = await step({ ...checkout, team: 'payments', logMessage: 'Storing' })
    expect(main).toMatchObject({
      code: 0,
      annotations: [expect.stringContaining('logMessage: is not an input of UPSERT')],
    })
    expect(catalog.calls[0]?.body).toMatchObject({ team: 'payments' })
  })

  it.for([
    ['properties', '{\n  "a": 1,\n  "b": x\n}', 'properties:3:8: '],
    ['properties', '[]', 'properties: is not an object'],
    ['relations', '{"a": ,}', 'relations:1:7: '],
    ['blueprint', '', 'blueprint: is missing'],
    ['createMissingRelatedEntities', 'maybe', 'expected true or false'],
  ] as const)('sends nothing if %s is %j', async ([input, value, message], { catalog, step }) => {
    expect(await step({ ...checkout, [input]: value })).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(message)],
      outputs: {},
    })
    expect(catalog.calls).toEqual([])
  })

  it.for([
    [404, 'Blueprint "service" was not found', 'Check the identifier of the blueprint.'],
    [422, 'properties.tier must be a number', 'properties.tier must be a number'],
  ] as const)('says what Port says with %i', async ([status, message, part], { catalog, step }) => {
    catalog.refuse = ({ call }) =>
      call.includes('/entities') ? { status, body: { ok: false, error: 'e', message } } : undefined
    expect(await step(checkout)).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(part)],
      outputs: {},
    })
  })
})

describe.concurrent('GET, DELETE and SEARCH', () => {
  it('reads an entity', async ({ catalog, step }) => {
    catalog.entities.set('_user/ada@example.com', { identifier: 'ada@example.com' })
    const inputs = { operation: 'GET', blueprint: '_user', identifier: 'ada@example.com' }
    expect(await step(inputs)).toMatchObject({
      code: 0,
      outputs: { entity: '{"identifier":"ada@example.com"}' },
    })
    expect(catalog.routes).toEqual(['GET /v1/blueprints/_user/entities/ada@example.com'])
  })

  it('deletes an entity, and those that need it where asked', async ({ catalog, step }) => {
    const inputs = { ...checkout, operation: 'DELETE' }
    for (const name of ['a', 'b']) catalog.entities.set(`service/${name}`, { identifier: name })
    expect(await step({ ...inputs, identifier: 'a' })).toMatchObject({
      code: 0,
      outputs: { ok: 'true' },
    })
    await step({ ...inputs, identifier: 'b', delete_dependents: 'true', runId: 'r_1' })
    expect(catalog.calls.map(({ call }) => call)).toEqual([
      'DELETE /v1/blueprints/service/entities/a?delete_dependents=false',
      'DELETE /v1/blueprints/service/entities/b?run_id=r_1&delete_dependents=true',
    ])
  })

  it('finds entities by rules', async ({ catalog, step }) => {
    catalog.entities.set('service/a', { identifier: 'a' })
    const inputs = {
      operation: 'SEARCH',
      query: '{"combinator": "and", "rules": []}',
      include: 'identifier, title',
    }
    expect(await step(inputs)).toMatchObject({
      code: 0,
      outputs: { entities: '[{"identifier":"a"}]' },
    })
    expect(catalog.calls).toEqual([
      {
        call: 'POST /v1/entities/search?include=identifier&include=title',
        body: { combinator: 'and', rules: [] },
      },
    ])
  })

  it.for([
    [{ operation: 'GET', blueprint: 'service' }, 'identifier: is missing'],
    [{ operation: 'DELETE', identifier: 'a' }, 'blueprint: is missing'],
    [{ operation: 'SEARCH' }, 'query: is missing'],
    [{ operation: 'SEARCH', query: '{"rules": [' }, 'query:1:11: ends before this [ is closed'],
  ] as const)('refuses %j and sends nothing', async ([inputs, message], { catalog, step }) => {
    expect(await step(inputs)).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(message)],
    })
    expect(catalog.calls).toEqual([])
  })

  it('says that there is no such entity', async ({ step }) => {
    expect(await step({ ...checkout, operation: 'GET' })).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining('Entity "checkout" was not found')],
      outputs: {},
    })
  })
})

describe.concurrent('BULK_UPSERT', () => {
  const bulk = (entities: unknown, inputs: Record<string, string> = {}) => ({
    operation: 'BULK_UPSERT',
    entities: JSON.stringify(entities),
    ...inputs,
  })
  const service = (identifier: string, more = {}) => ({ blueprint: 'service', identifier, ...more })
  const many = (count: number) => Array.from({ length: count }, (_, index) => service(`s${index}`))

  it('stores 45 entities in 3 requests, and names them in their order', async ({
    catalog,
    step,
  }) => {
    const main = await step(bulk(many(45), { runId: 'r_1' }))
    expect(main).toMatchObject({ code: 0, annotations: [] })
    expect(JSON.parse(main.outputs.identifiers ?? '')).toEqual(
      many(45).map(({ identifier }) => identifier),
    )
    expect(catalog.calls.map(({ call }) => call)).toEqual(
      Array.from(
        { length: 3 },
        () => 'POST /v1/blueprints/service/entities/bulk?upsert=true&merge=true&run_id=r_1',
      ),
    )
    expect(catalog.entities.size).toBe(45)
  })

  it('stores those that are good, and names each that is not', async ({ catalog, step }) => {
    const main = await step(
      bulk([
        service('a'),
        service('b', { title: 'bad' }),
        service('c', { relations: { x: 'no' } }),
      ]),
    )
    expect(main.code).toBe(1)
    expect(main.outputs).toEqual({ identifiers: '["a"]' })
    expect(main.annotations).toEqual([
      'error: Stored 1 of 3 entities. Port does not have:\n' +
        '  entities[1] b of service: 422 title must be good\n' +
        '  entities[2] c of service: 404 Related entity "no" was not found',
    ])
    expect([...catalog.entities.keys()]).toEqual(['service/a'])
  })

  it('stores entities that relate to later ones, of any blueprint', async ({ catalog, step }) => {
    const related = (identifier: string, target: string) =>
      service(identifier, { relations: { on: target } })
    const main = await step(
      bulk([related('c', 'b'), related('b', 'a'), { blueprint: 'team', identifier: 'a' }]),
    )
    expect(main).toMatchObject({ code: 0, outputs: { identifiers: '["c","b","a"]' } })
    expect(catalog.entities.size).toBe(3)
  })

  it('stores the last of two with the same identifier last', async ({ catalog, step }) => {
    await step(bulk([service('a', { title: 'old' }), service('b'), service('a', { title: 'new' })]))
    expect(catalog.entities.get('service/a')).toMatchObject({ title: 'new' })
  })

  it('sends one by one what Port refuses as a whole', async ({ catalog, step }) => {
    catalog.refuse = ({ call }) =>
      call.includes('/bulk')
        ? { status: 422, body: { ok: false, error: 'invalid', message: 'one of them' } }
        : undefined
    expect(await step(bulk([service('a'), service('b', { title: 'bad' })]))).toMatchObject({
      code: 1,
      outputs: { identifiers: '["a"]' },
      annotations: [expect.stringMatching(/entities\[1\] b of service: .*title must be good/)],
    })
  })

  it('names all of a blueprint that does not exist, and stores the rest', async ({
    catalog,
    step,
  }) => {
    catalog.refuse = ({ call }) =>
      call.includes('/nope/')
        ? {
            status: 404,
            body: { ok: false, error: 'not_found', message: 'Blueprint "nope" was not found' },
          }
        : undefined
    const nope = { blueprint: 'nope', identifier: 'x' }
    expect(await step(bulk([nope, service('a'), nope]))).toMatchObject({
      code: 1,
      outputs: { identifiers: '["a"]' },
      annotations: [
        expect.stringMatching(/entities\[0\] x of nope: [\s\S]*entities\[2\] x of nope: /),
      ],
    })
  })

  it('needs no request for an empty list', async ({ catalog, step }) => {
    expect(await step(bulk([]))).toMatchObject({ code: 0, outputs: { identifiers: '[]' } })
    expect(catalog.calls).toEqual([])
  })

  it('reads a file, and keeps each request below the 1 MiB that Port accepts', async ({
    sandbox,
    catalog,
  }) => {
    const cwd = await mkdtemp(join(tmpdir(), 'port-dispatch-bulk-'))
    const run = async (sizes: number[]) => {
      const entities = sizes.map((size, index) =>
        service(`s${index}`, { properties: { text: 'x'.repeat(size) } }),
      )
      await writeFile(join(cwd, 'services.json'), JSON.stringify(entities))
      const inputs = { operation: 'BULK_UPSERT', entities: 'services.json', baseUrl: catalog.url }
      return await new ActionStep({ sandbox, inputs, cwd }).main()
    }
    expect(await run(Array<number>(20).fill(60_000))).toMatchObject({ code: 0 })
    expect(catalog.routes).toHaveLength(2)
    const large = await run([1, 1_100_000])
    expect(large).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining('entities[1]: has 11000')],
    })
    expect(catalog.routes).toHaveLength(2)
    await rm(cwd, { recursive: true })
  })

  it.for([
    ['{"a": 1}', 'entities: is not a list'],
    ['services.json', 'there is no such file'],
    ['[{"blueprint": "a"}, 7, {"identifier": "x"}]', 'entities[1]: is not an object'],
    ['[{"blueprint": "a"}, {"identifier": "x"}]', 'entities[1].blueprint: is missing'],
    ['[{"blueprint": "a"},\n {"identifier": x}]', 'entities:2:17: '],
    ['', 'entities: is missing'],
  ] as const)(
    'refuses %s before anything is sent',
    async ([entities, message], { catalog, step }) => {
      expect(await step({ operation: 'BULK_UPSERT', entities })).toMatchObject({
        code: 1,
        annotations: [expect.stringContaining(message)],
        outputs: {},
      })
      expect(catalog.calls).toEqual([])
    },
  )
})
