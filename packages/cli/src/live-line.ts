import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'

const REFRESH_MS = 1_000

/** The last line of a terminal, which is written anew while something is waited for. Elsewhere nothing is written. */
export class LiveLine {
  readonly #stream: WriteStream
  #text: (() => string) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  /** Whether the stream is a terminal that can write a line anew. */
  get isPossible(): boolean {
    return this.#stream.isTTY === true && process.env.TERM !== 'dumb'
  }

  /** @param text what the line says at a moment, on one line */
  show(text: () => string): void {
    if (!this.isPossible) return
    this.#text = text
    this.#timer ??= setInterval(() => this.#draw(), REFRESH_MS).unref()
    this.#draw()
  }

  hide(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    if (this.#text) this.#erase()
    this.#text = undefined
  }

  /** Writes whole lines above the live line. */
  write(lines: string): void {
    if (this.#text) this.#erase()
    this.#stream.write(lines)
    if (this.#text) this.#draw()
  }

  #draw(): void {
    const text = stripVTControlCharacters(this.#text?.() ?? '')
    const width = (this.#stream.columns || 80) - 1
    this.#stream.write(`\r\u001b[2K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`)
  }

  #erase(): void {
    this.#stream.write('\r\u001b[2K')
  }
}
