// Port accepts at most 1 MiB in a request (413). Sizes are those of the JSON that is sent.

const MAX_TEXT_BYTES = 1_000_000
const MAX_SUMMARY_BYTES = 500_000
const MAX_LINKS_BYTES = 200_000
const MAX_LABEL_BYTES = 1_000
const MARK = '\n… (cut: Port accepts at most 1 MiB)'

/** What of a report was shortened, because Port would not take it whole. */
export type CutPart = 'log' | 'summary' | 'statusLabel' | 'link'

interface Fitting {
  message?: string
  summary?: string
  statusLabel?: string
  link?: string | string[]
}

/**
 * Shortens what Port would not take. Texts end in a mark then; of the links the last ones are left out, because a part
 * of an address is of no use.
 */
export function fit<T extends Fitting>(report: T): { fitted: T; cut: CutPart[] } {
  const { message, summary, statusLabel, link } = report
  const fitted = {
    ...report,
    ...(message !== undefined && { message: cutText(message, MAX_TEXT_BYTES, MARK) }),
    ...(summary !== undefined && { summary: cutText(summary, MAX_SUMMARY_BYTES, MARK) }),
    ...(statusLabel !== undefined && { statusLabel: cutText(statusLabel, MAX_LABEL_BYTES, '…') }),
    ...(link !== undefined && { link: cutLinks(link) }),
  }
  const parts = [
    ['log', fitted.message !== message],
    ['summary', fitted.summary !== summary],
    ['statusLabel', fitted.statusLabel !== statusLabel],
    ['link', [fitted.link].flat().length !== [link].flat().length],
  ] as const
  return { fitted, cut: parts.filter(([, isCut]) => isCut).map(([part]) => part) }
}

/** Bytes of a value in the JSON that is sent. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** Cuts at a character, so that the text stays valid, to a number of bytes in JSON. */
function cutText(text: string, maxBytes: number, mark: string): string {
  if (jsonBytes(text) <= maxBytes) return text
  const room = maxBytes - jsonBytes(mark)
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += jsonBytes(character) - 2
    if (bytes > room) break
    end += character.length
  }
  return text.slice(0, end) + mark
}

function cutLinks(link: string | string[]): string | string[] {
  if (jsonBytes(link) <= MAX_LINKS_BYTES) return link
  let bytes = 0
  return [link].flat().filter((one) => {
    bytes += jsonBytes(one) + 1
    return bytes <= MAX_LINKS_BYTES
  })
}
