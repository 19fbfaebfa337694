import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { InputError } from '@port-dispatch/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inputsOf } from '../../../../test/support/thorough.ts'
import { parseDocument, readDocument } from '../../src/host/documents.ts'

const parse = (text: string, name = 'action') =>
  parseDocument(text, name, 'The action', { excerpt: 'show' })

async function refusal(document: Promise<unknown>): Promise<string> {
  const error = await document.then(
    (value) => new Error(`was read: ${JSON.stringify(value)?.slice(0, 100)}`),
    (error: unknown) => error,
  )
  if (error instanceof InputError) return error.message
  throw error
}

describe('JSON', () => {
  it('is what begins with { or [, and every file named *.json', async () => {
    expect(await parse('{"a": [1, "x", null, true]}')).toEqual({ a: [1, 'x', null, true] })
    expect(await parse(' \n\t[1]')).toEqual([1])
    expect(await parse('\ufeff{"a": 1}')).toEqual({ a: 1 })
    expect(await parse('"text"', 'a.json')).toBe('text')
    expect(await refusal(parse('a: 1', 'dir/a.JSON'))).toBe(
      [
        'The action is not valid JSON:',
        '  dir/a.JSON:1:1: found text without quotes. A file named *.json is read as JSON; if it is YAML, name it *.yaml',
        '      a: 1',
        '      ^',
      ].join('\n'),
    )
  })

  it('can have comments and trailing commas', async () => {
    const text = `// of the platform team
{
  "a": "// no comment", /* one
  of two lines */
  "b": [1, 2, /* last */ ], // "c": 3,
}
// the end`
    expect(await parse(text)).toEqual({ a: '// no comment', b: [1, 2] })
    expect(await parse(text, 'a.jsonc')).toEqual({ a: '// no comment', b: [1, 2] })
  })

  it('shows line, column and place of what is wrong', async () => {
    expect(await refusal(parse('{\n  "a": 1,\n  "size": "x" "b": 2\n}', 'a.json'))).toBe(
      [
        'The action is not valid JSON:',
        '  a.json:3:15: expected a comma or } here',
        '      "size": "x" "b": 2',
        '                  ^',
      ].join('\n'),
    )
  })

  it.each([
    [
      '{a: b}',
      '1:2',
      'found text without quotes. Put double quotes around keys and strings: text that begins with { or [ is read as JSON, not as YAML',
    ],
    ['{"a": tru}', '1:7', 'found text without quotes'],
    ['{"a": .5}', '1:7', 'found a number that is not valid'],
    ['{"a": 01}', '1:7', 'found a number that begins with 0'],
    ['{"a": [1, -1e999]}', '1:11', 'found a number that is too large'],
    ['{"a": 1.}', '1:7', 'found a number that is not valid'],
    ["{'a': 1}", '1:2', 'found a single quote; JSON has double quotes'],
    ['{“a”: 1}', '1:2', 'found the typographic quote “'],
    [
      '{"a": 1, # note\n"b": 2}',
      '1:10',
      'found a comment that begins with #; comments in JSON begin with //',
    ],
    ['{"a": /* 1}', '1:7', 'found a comment that is not closed'],
    ['{"path": "C:\\temp\\x"}', '1:18', 'found a backslash that does not begin an escape'],
    ['{"a": "\\u12"}', '1:8', 'found a backslash that does not begin an escape'],
    ['{"a": "x\ty"}', '1:9', 'found a control character in a string; write \\t'],
    ['{"a": "x\ny"}', '1:7', 'found a string without a closing double quote in the same line'],
    ['{"a":\u00a01}', '1:6', 'found the character U+00A0 outside of a string'],
    [
      '{"body": {{ .inputs }}}',
      '1:10',
      'found a template without quotes. Put double quotes around it: "{{ … }}"',
    ],
    ['{"a" 1}', '1:6', 'expected a colon here'],
    ['[1,,2]', '1:4', 'found , where a value is expected'],
    ['{"a": 1}\n{"b": 2}', '2:1', 'found more after the end of the JSON'],
    ['{"a": [1, 2}', '1:12', 'expected a comma or ] here'],
    ['{\n  "a": [1, 2', '2:8', 'ends before this [ is closed'],
    ['{"a": 1', '1:1', 'ends before this { is closed'],
    [
      '{"a": {"b": 1,\n"c": 2,\n"b": 3}}',
      '3:1',
      'found a key that the object has already in line 1',
    ],
  ])('refuses %j', async (text, place, found) => {
    expect(await refusal(parse(text))).toContain(`\n  action:${place}: ${found}`)
  })

  it('takes __proto__ for a key like any other, as with comments', async () => {
    for (const text of ['{"__proto__": {"x": 1}}', '{"__proto__": {"x": 1},}']) {
      const value = await parse(text)
      expect(Object.keys(value as object)).toEqual(['__proto__'])
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    }
  })

  it('is read in time that grows with its length', async () => {
    const entries = Array.from({ length: 40_000 }, (_, index) => `"key${index}": ${index}`)
    expect(Object.keys((await parse(`{${entries.join(',\n')},}`)) as object)).toHaveLength(40_000)
    expect(await refusal(parse(`{"a": [${'{"name": "x"}, '.repeat(350_000)}`))).toContain(
      'is closed',
    )
    expect(await refusal(parse(`{"a": "${'x'.repeat(5_000_000)}`))).toContain('without a closing')
    const items = inputsOf(400_000)
    const large = `[${Array.from({ length: items }, () => '{"name": "some value", "url": "https://example.com/a/b", "tags": ["a", "b"], "size": 12345, "n": null}').join(',\n')}]`
    expect(large.length).toBeGreaterThan(items * 100)
    expect(await parse(large)).toHaveLength(items)
  })

  it('is refused when it is nested too deeply, in a few short lines', async () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(await parse(deep(1000))).toBeDefined()
    for (const text of [deep(1001), deep(100_000), '{"a":'.repeat(100_000), `${deep(100_000)}//`]) {
      const message = await refusal(parse(text))
      expect(message).toContain('is nested more than 1000 levels deep')
      expect(message.length).toBeLessThan(400)
    }
  })
})

describe('a parser', () => {
  it.each([
    ['{"a": 1}', []],
    ['{"a": 1,}', ['jsonc-parser']],
    ['a: 1', ['yaml']],
  ])('is loaded for %j only if it is needed', async (text, expected) => {
    const documents = new URL('../../src/host/documents.ts', import.meta.url)
    const program = `
      import { registerHooks } from 'node:module'
      const loaded = new Set()
      registerHooks({ load: (url, context, next) => (loaded.add(/node_modules\\/(yaml|jsonc-parser)\\//.exec(url)?.[1]), next(url, context)) })
      const { parseDocument } = await import(${JSON.stringify(documents.href)})
      await parseDocument(${JSON.stringify(text)}, 'text', 'The text')
      console.log(JSON.stringify([...loaded].filter(Boolean)))`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=port-dispatch-source',
      '--input-type=module',
      '--eval',
      program,
    ])
    expect(JSON.parse(stdout)).toEqual(expected)
  })
})

describe('YAML', () => {
  it('is everything else', async () => {
    expect(await parse('a: {b: [c]}\n1: x\n"y": "{{ .z }}"')).toEqual({
      1: 'x',
      a: { b: ['c'] },
      y: '{{ .z }}',
    })
    expect(await parse('\ufeffa: 1')).toEqual({ a: 1 })
    expect(await parse('--- # one\na: &x {b: 1}\nc: *x\nd: ~')).toEqual({
      a: { b: 1 },
      c: { b: 1 },
      d: null,
    })
    expect(await parse('- a')).toEqual(['a'])
  })

  it.each([
    ['a: {{ .x }}', '1:5', 'found an object as a key. Put quotes around a template: "{{ … }}"'],
    ['a:\n  - {{ .inputs["x"] }}', '2:', 'Put quotes around a template'],
    ['a: {{ .x }} text', '1:', 'Put quotes around a template'],
    ['a: 1\nb: 2\na: 3', '3:1', 'found a key that the object has already'],
    ['a: 1\n---\nb: 2', '2:1', 'begins a second YAML document; expected one'],
    ['a:\n\tb: 1', '2:1', 'Tabs are not allowed as indentation'],
    ['a:\n\u00a0\u00a0b: 1', '2:1', 'found the character U+00A0, which looks like a space'],
    ['a\u200b: 1', '1:1', 'found the character U+200B'],
    ['a: b: c', '1:4', 'Nested mappings are not allowed'],
    ['a: "x', '1:6', 'Missing closing "quote'],
    ['a: !Ref x', '1:4', 'found a tag (!…) that is not known'],
    ['a: !!binary aGk=', '1:4', 'found a tag (!…) that is not known'],
    ['a: .nan', '1:4', 'found a number that JSON does not have'],
    ['a: *x', '1:4', 'found an alias (*…) without its anchor'],
    ['a: &x [*x]', '1:8', 'found an alias within what it refers to'],
    ['? [a]\n: b', '1:3', 'found an object as a key'],
  ])('refuses %j', async (text, place, found) => {
    const message = await refusal(parse(text))
    expect(message).toContain('The action is not valid YAML:\n')
    expect(message).toContain(`action:${place}`)
    expect(message).toContain(found)
  })

  it('means the same whatever version a directive asks for', async () => {
    expect(await parse('%YAML 1.1\n---\na: yes\nb: 2020-01-01\n<<: {c: 1}')).toEqual({
      a: 'yes',
      b: '2020-01-01',
      '<<': { c: 1 },
    })
  })

  it('keeps special spaces within names, and in quotes', async () => {
    const text = 'taille\u00a0max: 1\n"\u00a0a": 2\n'
    expect(await parse(text)).toEqual({ 'taille\u00a0max': 1, '\u00a0a': 2 })
  })

  it('takes __proto__ for a key like any other', async () => {
    const value = await parse('__proto__: {x: 1}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
  })

  it('can use an anchor often, but not grow beyond measure', async () => {
    expect(await parse(`a: &x {b: 1}\nc:\n${'  - *x\n'.repeat(500)}`)).toMatchObject({
      a: { b: 1 },
    })
    const names = 'abcdefghijklmnopqrst'
    const bomb = [...names]
      .map((name, index) => {
        const items = index === 0 ? 'x' : `*${names[index - 1]}`
        return `${name}: &${name} [${Array(9).fill(items).join(', ')}]`
      })
      .join('\n')
    const message = await refusal(parse(bomb))
    expect(message).toContain('has aliases that make more than')
    expect(message.length).toBeLessThan(400)
    expect(
      await refusal(parse(`a: &a ${'x'.repeat(500_000)}\nb: [${Array(30).fill('*a')}]`)),
    ).toContain('has aliases that make more than')
  })

  it('is read in time that grows with its length, up to a limit', async () => {
    const length = inputsOf(40_000)
    const pairs = Array.from({ length }, (_, index) => `key${index}: ${index}\n`).join('')
    expect(Object.keys((await parse(pairs)) as object)).toHaveLength(length)
    const anchors = Array.from({ length }, (_, index) => `- &a${index} x\n- *a${index}\n`)
    expect(await parse(anchors.join(''))).toHaveLength(2 * length)
    expect(await refusal(parse('a: b\n'.repeat(1_000_000)))).toBe(
      'The action is not valid YAML:\n  action: has 5000000 characters; YAML is read up to 1000000. Convert it to JSON, which can be larger',
    )
    for (const text of [`a: ${'['.repeat(100_000)}`, `${'- '.repeat(100_000)}x`])
      expect(await refusal(parse(text))).toContain('is nested too deeply')
  })
})

describe('a document that holds secrets', () => {
  it('shows nothing of them where it is wrong', async () => {
    for (const text of [
      '{"secrets": {"TOKEN": "s3cr3t-value" "x": 1}}',
      '{"secrets": {"TOKEN": s3cr3t-value}}',
      '{"secrets": {"TOKEN": "s3cr3t-value}}',
      'secrets:\n  TOKEN: "s3cr3t-value" s3cr3t-value',
      'secrets:\n  TOKEN: [s3cr3t-value',
      'secrets:\n  TOKEN: !s3cr3t-value x',
      'secrets:\n  TOKEN: *s3cr3t-value',
      'secrets:\n  s3cr3t-value: 1\n  s3cr3t-value: 2',
      'secrets:\n  TOKEN: @s3cr3t-value',
    ]) {
      const message = await refusal(parseDocument(text, 'context', 'The context'))
      expect(message).toContain('context:')
      expect(message).not.toContain('s3cr3t-value')
      expect(message.split('\n').length).toBeLessThan(5)
    }
  })
})

describe('a file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'documents-'))
  })
  afterAll(async () => rm(folder, { recursive: true }))

  async function file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }
  const read = (path: string) => readDocument(path, 'The action', { excerpt: 'show' })

  it('is UTF-8 or UTF-16, as its byte order mark says', async () => {
    const value = { name: 'Müller 🐎' }
    for (const text of [JSON.stringify(value), 'name: Müller 🐎\n'])
      for (const bytes of [
        Buffer.from(text),
        Buffer.from(`\ufeff${text}`),
        Buffer.from(`\ufeff${text}`, 'utf16le'),
        Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
      ])
        expect(await read(await file('encoded', bytes))).toEqual(value)
  })

  it.each([
    ['in Latin-1', Buffer.from('a: 1\nb: ä', 'latin1'), 'is not UTF-8 in line 2. Save it as UTF-8'],
    ['in UTF-16 without a mark', Buffer.from('a: 1', 'utf16le'), 'holds NUL characters'],
    ['in UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'holds NUL characters'],
    ['in UTF-16 cut off', Buffer.from([0xff, 0xfe, 0x61]), 'is not valid UTF-16'],
    ['that is binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), 'holds NUL characters'],
  ])('%s is refused', async (_name, bytes, found) => {
    const path = await file('bytes', bytes)
    expect(await refusal(read(path))).toContain(`The action cannot be read:\n  ${path}: `)
    expect(await refusal(read(path))).toContain(found)
  })

  it.each([
    ['', 'is empty'],
    ['\ufeff \n', 'is empty'],
    ['---\n', 'is empty'],
    ['# nothing yet\n', 'holds only comments'],
    ['// nothing yet\n', 'holds only comments'],
  ])('with %j is empty', async (text, found) => {
    for (const name of ['a.yaml', 'a.json']) {
      if (name === 'a.json' && /^[#-]/.test(text)) continue
      expect(await refusal(read(await file(name, text)))).toContain(`${name}: ${found}`)
    }
  })

  it('that cannot be read is named with the reason', async () => {
    expect(await refusal(read(join(folder, 'no.json')))).toContain('no.json: there is no such file')
    expect(await refusal(read(folder))).toContain(': it is a folder')
    expect(await refusal(read(join(await file('f', 'x'), 'y')))).toContain('there is no such file')
    expect(await refusal(read('x'.repeat(5000)))).toContain('the path is too long')
    expect(await refusal(read('a\0b'))).toContain('a path cannot hold a NUL character')
  })

  it.each([
    ['by a letter', 'deploy/acton.json', 'Did you mean deploy/action.json?'],
    ['in a folder', 'deplyo/action.json', 'Did you mean deploy/action.json?'],
    ['by its extension', 'deploy/action.yml', 'Did you mean deploy/action.json?'],
    ['by case', 'deploy/Action.JSON', 'Did you mean deploy/action.json?'],
    ['by too much', 'deploy/acme.json', ''],
    ['in two names', 'deplyo/acton.json', ''],
    ['and is a folder', 'deploy', 'Give a file: deploy/action.json'],
  ])('that is misspelt %s is named with the one that is there', async (_name, given, advice) => {
    await mkdir(join(folder, 'deploy'), { recursive: true })
    await file('deploy/action.json', '{}')
    const root = `${folder}/`
    const said = await refusal(read(join(root, given)))
    expect(said.replaceAll(root, '').split(/there is no such file|it is a folder/)[1]).toBe(
      advice && `. ${advice}`,
    )
  })

  it('that is not there is named with the folder in which it was looked for', async () => {
    expect(await refusal(read('no/such.json'))).toContain(
      `there is no such file. The working directory is ${process.cwd()}`,
    )
  })

  it('without an end is not read for ever', async () => {
    expect(await refusal(read('/dev/zero'))).toContain('/dev/zero: is larger than 100 MB')
  })
})
