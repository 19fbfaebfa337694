// Finds the `{{ }}` blocks of a template string, by Port's rules.

/** A block's expression: the half-open range between its braces. */
export interface Block {
  start: number
  end: number
}

/** Why a string has no sound blocks; `index` is the first brace of the offending pair. */
export interface BlockProblem {
  index: number
  message: string
}

/**
 * The blocks of a template string, or what is wrong with its braces.
 *
 * Inside a block a `\` skips the next character, and either quote opens a string that only the same
 * quote closes. Of three braces in a row the outer two are the
 * block's, the third is left over, which is what Port makes of `{{{a:1}}}`.
 */
export function findBlocks(text: string): Block[] | BlockProblem {
  const blocks: Block[] = []
  let start: number | undefined
  let quote: string | undefined

  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (start !== undefined && char === '\\') {
      i++
    } else if (start !== undefined && (char === '"' || char === "'")) {
      quote = quote === undefined ? char : quote === char ? undefined : quote
    } else if (quote === undefined && char === '{' && text[i - 1] === '{') {
      if (start !== undefined) return nested(i - 1, start - 2)
      start = i + 1
      if (text[i + 1] === '{') i++
    } else if (quote === undefined && char === '}' && text[i - 1] === '}') {
      if (start === undefined) return unopened(i - 1)
      blocks.push({ start, end: i - 1 })
      start = undefined
      if (text[i + 1] === '}') i++
    }
  }
  return start === undefined ? blocks : unclosed(start - 2, quote)
}

function nested(index: number, outer: number): BlockProblem {
  return {
    index,
    message: `"{{" at index ${index} opens a block inside the one that opened at index ${outer}: close that one with "}}" first`,
  }
}

function unopened(index: number): BlockProblem {
  return {
    index,
    message: `"}}" at index ${index} closes a block that was never opened: add "{{" before it, or write the text as {{ "}}" }}`,
  }
}

function unclosed(index: number, quote: string | undefined): BlockProblem {
  return {
    index,
    message:
      quote === undefined
        ? `"{{" at index ${index} is never closed: add "}}" after its expression`
        : `"{{" at index ${index} is never closed, because a string that opens with ${quote} inside it does not end: add the missing ${quote}`,
  }
}
