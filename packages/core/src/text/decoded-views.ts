/** A text as it is once escapes are decoded, which knows where in the original each character comes from. */
export interface View {
  text: string
  /** The index in the original of the character at an index of `text`, or of its end. */
  origin(index: number): number
  /** The index in the original behind the character in front of an index of `text`. */
  originOfEnd(index: number): number
}

/** With the plus, which is a space in a form that was sent. */
const BLANKS = /[\s+]+/g

/** Without what a line wrap adds, or puts in the place of a space. */
export function withoutBlanks(text: string): string {
  return text.replace(BLANKS, '')
}

/** The text without its blanks, if it has several lines: what was wrapped at some width is whole in it. */
export function joinedView(view: View): View | undefined {
  const { text } = view
  if (!/[\r\n]/.test(text)) return undefined
  // Behind each blank: the index in what is left, and in the text.
  const here: number[] = [0]
  const there: number[] = [0]
  let removed = 0
  for (const { index, 0: blank } of text.matchAll(BLANKS)) {
    here.push(index - removed)
    there.push(index + blank.length)
    removed += blank.length
  }
  const originOf = (index: number) => {
    const last = lastUpTo(here, index)
    return (there[last] ?? 0) + index - (here[last] ?? 0)
  }
  return {
    text: withoutBlanks(text),
    origin: (index) => view.origin(originOf(index)),
    // Not behind the blanks that follow.
    originOfEnd: (index) => view.originOfEnd(originOf(index - 1) + 1),
  }
}

interface Decoder {
  /** Without it there is nothing to decode. */
  trigger: string
  /** One escaped character, in whatever case. */
  pattern: RegExp
  /** Undefined for what is not an escape after all. */
  decode(escaped: string): string | undefined
}

/** Text is escaped within escaped text: a JSON string within JSON, JSON within a URL. */
const DEPTH = 2

/**
 * The text, and what it becomes by decoding the escapes of JSON, URLs and HTML, twice in every order. Only views
 * that differ are made.
 */
export function decodedViews(text: string): View[] {
  const same = (index: number) => index
  const views: View[] = [{ text, origin: same, originOfEnd: same }]
  const seen = new Set([text])
  let newest = views
  for (let depth = 0; depth < DEPTH; depth++) {
    newest = newest.flatMap((view) =>
      DECODERS.flatMap((decoder) => {
        const decoded = decodeWith(decoder, view)
        if (decoded === undefined || seen.has(decoded.text)) return []
        seen.add(decoded.text)
        return [decoded]
      }),
    )
    views.push(...newest)
  }
  return views
}

function decodeWith({ trigger, pattern, decode }: Decoder, view: View): View | undefined {
  const source = view.text
  if (!source.includes(trigger)) return undefined
  const parts: string[] = []
  let length = 0
  let done = 0
  // Behind each escape: the index in the decoded text, and that in the source.
  const here: number[] = [0]
  const there: number[] = [0]
  const escaped = new RegExp(pattern, 'iy')
  for (let at = source.indexOf(trigger); at >= 0; at = source.indexOf(trigger, at)) {
    escaped.lastIndex = at
    if (!escaped.test(source)) {
      at++
      continue
    }
    const end = escaped.lastIndex
    const char = decode(source.slice(at, end))
    if (char !== undefined) {
      const copied = source.slice(done, at)
      parts.push(copied, char)
      length += copied.length + char.length
      done = end
      here.push(length)
      there.push(end)
    }
    at = end
  }
  parts.push(source.slice(done))
  const text = parts.join('')
  const origin = (index: number) => {
    const last = lastUpTo(here, index)
    return view.origin((there[last] ?? 0) + index - (here[last] ?? 0))
  }
  return { text, origin, originOfEnd: origin }
}

/** The position of the last number that is not above a limit, in ascending numbers of which the first is not. */
function lastUpTo(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) <= limit) low = middle
    else high = middle
  }
  return low
}

const JSON_CHARACTERS: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
}

const HTML_CHARACTERS: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

const DECODERS: readonly Decoder[] = [
  {
    trigger: '\\',
    pattern: /\\(?:u[\da-f]{4}|x[\da-f]{2}|[bfnrt"'/\\])/,
    decode: (escaped) =>
      escaped.length > 2
        ? String.fromCharCode(Number.parseInt(escaped.slice(2), 16))
        : JSON_CHARACTERS[escaped.charAt(1)],
  },
  {
    trigger: '%',
    // One character of UTF-8.
    pattern:
      /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/,
    decode: decodePercent,
  },
  {
    trigger: '&',
    pattern: /&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});/,
    decode: (escaped) => {
      const name = escaped.slice(1, -1).toLowerCase()
      if (!name.startsWith('#')) return HTML_CHARACTERS[name]
      const code = name.startsWith('#x')
        ? Number.parseInt(name.slice(2), 16)
        : Number(name.slice(1))
      return code <= 0x10ffff ? String.fromCodePoint(code) : undefined
    },
  },
]

function decodePercent(escaped: string): string | undefined {
  try {
    return decodeURIComponent(escaped)
  } catch {
    return undefined
  }
}
