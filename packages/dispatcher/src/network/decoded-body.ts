import type { IncomingHttpHeaders } from 'node:http'
import { TransportFailure, tooLarge } from '@port-dispatch/core/http'

/**
 * The text of a body: unpacked, although no compression is requested, because some servers and proxies compress whatever
 * they send; and read in the character set that the server names, UTF-8 by default.
 *
 * @param bytes what came of the body, which can be its start only
 * @throws TransportFailure if it cannot be unpacked, or is larger than `maxBytes` then
 */
export async function decodedBody(
  bytes: Buffer,
  { 'content-encoding': encoding = '', 'content-type': type = '' }: IncomingHttpHeaders,
  maxBytes: number,
): Promise<string> {
  const isPlain = encoding === '' || /^identity$/i.test(encoding) || bytes.byteLength === 0
  const unpacked = isPlain ? bytes : await unpackedBody(bytes, encoding.toLowerCase(), maxBytes)
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(type)?.[1] ?? 'utf-8'
  if (/^utf-?8$/i.test(charset)) return unpacked.toString('utf8').replace(/^\uFEFF/, '')
  return decoderOf(charset).decode(unpacked)
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset)
  } catch {
    // A name that nobody knows.
    return new TextDecoder()
  }
}

async function unpackedBody(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const { brotliDecompressSync, constants, gunzipSync, inflateSync } = await import('node:zlib')
  // What was cut short is unpacked as far as it goes.
  const options = { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH }
  try {
    switch (encoding) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, options)
      case 'deflate':
        return inflateSync(bytes, options)
      case 'br':
        return brotliDecompressSync(bytes, { maxOutputLength: maxBytes })
      default:
        throw packed('in a way that was not requested')
    }
  } catch (error) {
    if (error instanceof TransportFailure) throw error
    const isLarge = error instanceof RangeError
    throw isLarge ? tooLarge(maxBytes) : packed('and cannot be unpacked')
  }
}

function packed(how: string): TransportFailure {
  return new TransportFailure(`the response is compressed ${how}`, { sent: true, kind: 'fixed' })
}
