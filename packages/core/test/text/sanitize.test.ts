import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inputsOf } from '../../../../test/support/thorough.ts'
import { printableJson, sanitize } from '../../src/text/sanitize.ts'

const ESC = '\u001b'

describe('text of others', () => {
  it('loses what a terminal would act on', () => {
    expect(sanitize(`${ESC}[31mred${ESC}[0m, ${ESC}[2J${ESC}[1;1Hcleared`)).toBe('red, cleared')
    expect(sanitize('\u009b31mred\u009b0m')).toBe('red')
    expect(sanitize(`${ESC}]0;title\u0007text`)).toBe('text')
    expect(sanitize(`${ESC}]8;;https://evil.example${ESC}\\link${ESC}]8;;${ESC}\\`)).toBe('link')
    expect(sanitize(`${ESC}Pq#0;2;0;0;0${ESC}\\after`)).toBe('after')
    expect(sanitize(`${ESC}(B${ESC}7${ESC}=${ESC}callright`)).toBe('allright')
    expect(sanitize('bell\u0007, back\u0008space, nul\0')).toBe('bell, backspace, nul')
  })

  it('keeps the text after a sequence that does not end', () => {
    expect(sanitize(`${ESC}]0;what the server said`)).toBe('0;what the server said')
    expect(sanitize(`end ${ESC}`)).toBe('end')
    expect(sanitize(`${ESC}${ESC}[0m[31mx`)).toBe('[31mx')
  })

  it('cannot pretend to be a line of ours', () => {
    expect(sanitize('job "a\nerror: all is lost"')).toBe('job "a\n  error: all is lost"')
    for (const lineBreak of ['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029'])
      expect(sanitize(`one${lineBreak}two`)).toBe('one\n  two')
    expect(sanitize('progress 10 %\rdone')).toBe('progress 10 %\n  done')
  })

  it('shows where it would reverse the writing direction', () => {
    expect(sanitize('user\u202egpj.exe')).toBe('user<U+202E>gpj.exe')
    expect(sanitize('\u2066a\u2069')).toBe('<U+2066>a<U+2069>')
    expect(sanitize('שלום\u200f!')).toBe('שלום\u200f!')
  })

  it.each([
    ['::error::x', '\\::error::x'],
    [' \t\u00a0\u3000::set-output name=a::b', ' \t\u00a0\u3000\\::set-output name=a::b'],
    ['fine\n::add-mask::x', 'fine\n  \\::add-mask::x'],
    ['fine\r::stop-commands::x', 'fine\n  \\::stop-commands::x'],
    ['fine\u2028::debug::x', 'fine\n  \\::debug::x'],
    [`${ESC}[0m::debug::x`, '\\::debug::x'],
    [`:${ESC}[0m:debug::x`, '\\::debug::x'],
    [':\u0000:debug::x', '\\::debug::x'],
    ['text ##[error]x', 'text ##\\[error]x'],
    ['#\u0007#[error]x', '##\\[error]x'],
    ['text ##vso[task.complete]x', 'text ##\\vso[task.complete]x'],
    ["##teamcity[message text='x']", "##\\teamcity[message text='x']"],
    ['section_start:1:a\r\u001b[0Ktitle', '\\section_start:1:a\n  title'],
    ['a\nsection_end:1:a\r\u001b[0K', 'a\n  \\section_end:1:a'],
  ])('is no command: %j', (text, expected) => {
    expect(sanitize(text)).toBe(expected)
  })

  it('keeps what is harmless: colons within a line, tabs, emoji, other scripts', () => {
    const text = 'Namespace::Class\tfamily 👨‍👩‍👧, ## [link] – naïve 日本語'
    expect(sanitize(text)).toBe(text)
  })

  it('is read in time that grows with its length', () => {
    for (const piece of [`${ESC}]`, `${ESC}[`, `${ESC}[0`, ' ', '\n', '##', `${ESC}P`, '\u009d;'])
      sanitize(piece.repeat(1_000_000))
  })
})

describe('a message of several lines', () => {
  it('starts each line of ours at the margin, and no other', () => {
    expect(sanitize(['The job failed:', 'name\nerror: fake', 'Run it again.'])).toBe(
      'The job failed:\nname\n  error: fake\nRun it again.',
    )
  })

  it('is not indented twice', () => {
    const once = sanitize('The action is not valid:\n  path: found 1\n    x: 1\n       ^\nadvice')
    expect(once).toBe('The action is not valid:\n  path: found 1\n    x: 1\n       ^\n  advice')
    expect(sanitize(once)).toBe(once)
  })
})

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '::',
          ':',
          '#',
          '##',
          '[',
          '##[',
          'error',
          '::warning::',
          'section_',
          'start:1:',
          'end:',
        ],
        ...[
          '\r',
          '\n',
          '\u2028',
          '\u2029',
          '\u0085',
          '\v',
          '\f',
          '\0',
          ' ',
          '\t',
          '\u00a0',
          '\ufeff',
        ],
        ...[
          ESC,
          '[',
          ']',
          '0m',
          '\u0007',
          '\\',
          'P',
          '\u009b',
          '\u009c',
          '\u202e',
          '\u2066',
          '\ud800',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))

describe('whatever the text', () => {
  it('no line is a command, a control or looks like ours', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const output = sanitize(text)
        for (const [index, line] of output.split(/\r\n|[\r\n\v\f\u0085\u2028\u2029]/).entries()) {
          expect(line).not.toMatch(/^[\s\ufeff]*(::|section_(start|end):)|##\[/)
          expect(line).not.toMatch(/[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/u)
          if (index > 0 && line !== '') expect(line).toMatch(/^ {2}/)
        }
        expect(sanitize(output)).toBe(output)
        expect(output.isWellFormed()).toBe(true)
      }),
      { numRuns: inputsOf(20_000), seed: 20_261_125 },
    )
  })

  it('JSON means the same, and holds nothing that a log obeys', () => {
    fc.assert(
      fc.property(nasty, nasty, (key, text) => {
        const json = JSON.stringify({ [key]: text, command: `##vso[${text}` }, null, 2)
        const output = printableJson(json)
        expect(JSON.parse(output)).toEqual(JSON.parse(json))
        expect(output).not.toMatch(/##(?:vso|teamcity)?\[/i)
        expect(output).not.toMatch(/[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      }),
      { numRuns: 2_000, seed: 20_261_125 },
    )
  })
})
