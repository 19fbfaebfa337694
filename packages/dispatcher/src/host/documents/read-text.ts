import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { type Flaw, flawed, type Parsed } from './parsed.ts'
import { whyUnreadable } from './unreadable.ts'

/** So that a device or a pipe that never ends does not fill the memory. */
const MAX_BYTES = 100_000_000

/**
 * Reads a text: UTF-8, or UTF-16 with a byte order mark.
 *
 * @param path of a file, or `-` for standard input
 */
export async function readText(path: string): Promise<Parsed<string>> {
  const read = await readBytes(path)
  return read.type === 'value' ? decode(read.value) : read
}

/**
 * Reads all bytes, 100 MB at most.
 *
 * @param path of a file, or `-` for standard input
 */
export async function readBytes(path: string): Promise<Parsed<Buffer>> {
  try {
    const bytes = await collect(path === '-' ? process.stdin : createReadStream(path))
    if (bytes === undefined) return flawed({ found: `is larger than ${MAX_BYTES / 1e6} MB` })
    return { type: 'value', value: bytes }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return flawed(await whyUnreadable(path, code))
  }
}

async function collect(stream: Readable): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function decode(bytes: Buffer): Parsed<string> {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : 'utf-8'
  if (encoding === 'utf-8') {
    if (bytes.includes(0)) return flawed(NUL)
    if (!isUtf8(bytes)) return flawed(notUtf8(bytes))
  }
  try {
    // It takes the byte order mark away.
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return text.includes('\0') ? flawed(NUL) : { type: 'value', value: text }
  } catch {
    return flawed({ found: 'begins like UTF-16 but is not valid UTF-16', advice: SAVE_AS_UTF8 })
  }
}

const SAVE_AS_UTF8 = 'Save it as UTF-8'

const NUL: Flaw = {
  found: 'holds NUL characters: it is binary, or UTF-16 or UTF-32 without a byte order mark',
  advice: SAVE_AS_UTF8,
}

/** A line feed is never a part of a longer character. */
function notUtf8(bytes: Buffer): Flaw {
  let line = 1
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) break
    start = end + 1
  }
  return { found: `is not UTF-8 in line ${line}`, advice: SAVE_AS_UTF8 }
}
