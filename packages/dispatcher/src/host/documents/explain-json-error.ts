import type { Flaw } from './parsed.ts'

const QUOTES_NEEDED =
  'Put double quotes around keys and strings: text that begins with { or [ is read as JSON, not as YAML'

/**
 * Says what is wrong with JSON in words that quote nothing but punctuation: a context holds secrets.
 *
 * @param code as jsonc-parser calls it
 * @param bracket where the innermost object or array begins
 */
export function explainJsonError(
  text: string,
  code: string,
  offset: number,
  bracket: number | undefined,
): Flaw {
  switch (code) {
    case 'UnexpectedEndOfComment':
      return { found: 'found a comment that is not closed with */', offset }
    case 'UnexpectedEndOfString':
      return {
        found: 'found a string without a closing double quote in the same line',
        advice: 'A line break in a string is written \\n',
        offset,
      }
    case 'InvalidCharacter':
      return controlCharacter(text, offset)
    case 'InvalidEscapeCharacter':
    case 'InvalidUnicode':
      return badEscape(text, offset)
    case 'InvalidNumberFormat':
    case 'UnexpectedEndOfNumber':
      return { found: 'found a number that is not valid in JSON', offset }
  }
  if (text.slice(offset).trim() === '') return atEnd(text, bracket)
  return unexpected(text, code, offset, text[bracket ?? 0] === '{' ? '}' : ']')
}

function atEnd(text: string, bracket: number | undefined): Flaw {
  if (bracket === undefined) return { found: 'holds only comments' }
  return { found: `ends before this ${text[bracket]} is closed`, offset: bracket }
}

/** @param closing what closes the object or array around */
function unexpected(text: string, code: string, offset: number, closing: string): Flaw {
  const char = String.fromCodePoint(text.codePointAt(offset) ?? 0)
  if (char === '{' && text[offset - 1] === '{') {
    return {
      found: 'found a template without quotes',
      advice: 'Put double quotes around it: "{{ … }}"',
      offset: offset - 1,
    }
  }
  if (char === '#') {
    return { found: 'found a comment that begins with #; comments in JSON begin with //', offset }
  }
  if (char === "'") return { found: 'found a single quote; JSON has double quotes', offset }
  if (/[“”„«»‘’]/.test(char)) {
    return { found: `found the typographic quote ${char}; JSON has straight ones: "`, offset }
  }
  if (/[\d.+-]/.test(char) && !/Comma|Colon/.test(code)) {
    return { found: 'found a number that is not valid in JSON', offset }
  }
  if (/\d/.test(char) && text[offset - 1] === '0') {
    return { found: 'found a number that begins with 0', offset: offset - 1 }
  }
  const expected = expectedAt(code, closing)
  if (/[\p{L}_$]/u.test(char) && expected === undefined) {
    return { found: 'found text without quotes', advice: QUOTES_NEEDED, offset }
  }
  if (/[^!-~]/.test(char)) {
    const number = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return { found: `found the character U+${number} outside of a string`, offset }
  }
  if (expected) return { found: expected, offset }
  const missing = code === 'PropertyNameExpected' ? 'a key in double quotes' : 'a value'
  return { found: `found ${char} where ${missing} is expected`, offset }
}

function expectedAt(code: string, closing: string): string | undefined {
  switch (code) {
    case 'ColonExpected':
      return 'expected a colon here'
    case 'CommaExpected':
    case 'CloseBraceExpected':
    case 'CloseBracketExpected':
      return `expected a comma or ${closing} here`
    case 'EndOfFileExpected':
      return 'found more after the end of the JSON'
  }
  return undefined
}

function controlCharacter(text: string, start: number): Flaw {
  for (let offset = start; offset < text.length; offset++) {
    const code = text.charCodeAt(offset)
    if (code >= 0x20) continue
    const written = code === 9 ? '\\t' : `\\u${code.toString(16).padStart(4, '0')}`
    return { found: `found a control character in a string; write ${written}`, offset }
  }
  return { found: 'found a control character in a string', offset: start }
}

function badEscape(text: string, start: number): Flaw {
  const known = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
  for (let offset = text.indexOf('\\', start); offset >= 0; ) {
    known.lastIndex = offset
    if (!known.test(text)) {
      return {
        found: 'found a backslash that does not begin an escape of JSON',
        advice: 'A backslash itself is written \\\\',
        offset,
      }
    }
    offset = text.indexOf('\\', known.lastIndex)
  }
  return { found: 'found an escape that is not valid in JSON', offset: start }
}
