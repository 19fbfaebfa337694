import { describe, expect } from 'vitest'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

describe.concurrent('RENDER', () => {
  it('renders any template, jq included, and asks nobody', async ({ sandbox }) => {
    const inputs = {
      operation: 'RENDER',
      payload:
        '{"who": "{{ .inputs.name | ascii_upcase }}", "tags": "{{ [.inputs.tags[] | {name: .}] }}"}',
      context: '{"inputs": {"name": "ada", "tags": ["a", "b"]}}',
    }
    const main = await new ActionStep({ sandbox, inputs }).main()
    expect(main).toMatchObject({ code: 0, annotations: [] })
    expect(JSON.parse(main.outputs.payload ?? '')).toEqual({
      who: 'ADA',
      tags: [{ name: 'a' }, { name: 'b' }],
    })
    expect(sandbox.exchanges).toEqual([])
  })

  it.for(['false', 'true'])(
    'annotates what failed, with strict: %s',
    async (strict, { sandbox }) => {
      const inputs = {
        operation: 'RENDER',
        invocationMethod: 'type: KAFKA\npayload:\n  a: "{{ .inputs | nosuch }}"\n  b: "{{ .x }}"',
        context: '{"inputs": {}}',
        strict,
      }
      const main = await new ActionStep({ sandbox, inputs }).main()
      expect(main.annotations[0]).toMatch(/^warning: payload\.a: nosuch\/0 is not defined/)
      expect(JSON.parse(main.outputs.payload ?? '')).toMatchObject({ payload: { a: null } })
      expect(main.code).toBe(strict === 'true' ? 1 : 0)
      expect(main.annotations).toHaveLength(strict === 'true' ? 2 : 1)
    },
  )

  it.for([
    [undefined, true],
    ['1.6', true],
    ['off', false],
  ] as const)(
    'notes what jq 1.6 reads otherwise, with jqCompat %s: %s',
    async ([jqCompat, isNoted], { sandbox }) => {
      const inputs = {
        operation: 'RENDER',
        payload: '{"tag": "{{ .inputs.tag | trim }}"}',
        context: '{"inputs": {"tag": " a "}}',
        ...(jqCompat && { jqCompat }),
      }
      const main = await new ActionStep({ sandbox, inputs }).main()
      expect(main).toMatchObject({ code: 0, annotations: [] })
      expect(JSON.parse(main.outputs.payload ?? '')).toEqual({ tag: 'a' })
      const note = expect.stringMatching(/^tag: `trim` needs jq 1\.\d.* jq 1\.6/)
      expect(main.log).toEqual(isNoted ? [note] : [])
    },
  )

  it.for<[Record<string, string>, string]>([
    [{ payload: '{}', jqCompat: '1.7' }, 'jqCompat: found "1.7"; expected 1.6 or off'],
    [{}, 'payload: is missing, and so is invocationMethod'],
    [{ payload: '{}', invocationMethod: 'x.json' }, 'payload: is given beside invocationMethod'],
    [{ payload: '{"a": "{{ .x"}' }, 'a: '],
  ])('refuses %j', async ([wrong, message], { sandbox }) => {
    const inputs = { operation: 'RENDER', context: '{}', ...wrong }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(message)],
    })
  })
})
