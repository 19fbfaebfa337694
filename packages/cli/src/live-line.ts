import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'

const REFRESH_MS = 1_000

/** The last line of a terminal, which is written anew while something is waited for. Elsewhere nothing is written. */
export class LiveLine {
  readonly #stream: WriteStream
  #text: (() => string) | undefined
  /** What the line says while nothing else is shown. */
  #background: (() => string) | undefined
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
    this.#text = text
    this.#update()
  }

  hide(): void {
    this.#text = undefined
    this.#update()
  }

  /** What the line says whenever nothing else is shown in it; undefined: nothing any more. */
  showBehind(text: (() => string) | undefined): void {
    this.#background = text
    this.#update()
  }

  /** Writes whole lines above the live line. */
  write(lines: string): void {
    if (this.#isShown) this.#erase()
    this.#stream.write(lines)
    if (this.#isShown) this.#draw()
  }

  get #isShown(): boolean {
    return this.#timer !== undefined
  }

  #update(): void {
    const isWanted = this.isPossible && (this.#text ?? this.#background) !== undefined
    if (isWanted) {
      this.#timer ??= setInterval(() => this.#draw(), REFRESH_MS).unref()
      this.#draw()
    } else if (this.#isShown) {
      clearInterval(this.#timer)
      this.#timer = undefined
      this.#erase()
    }
  }

  #draw(): void {
    const shown = this.#text ?? this.#background
    const text = stripVTControlCharacters(shown?.() ?? '')
    const width = (this.#stream.columns || 80) - 1
    this.#stream.write(`\r\u001b[2K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`)
  }

  #erase(): void {
    this.#stream.write('\r\u001b[2K')
  }
}
