import { styleText } from 'node:util'
import { formatError, type Json, type Logger, PortDispatchError } from '@port-dispatch/core'
import type { OnWait, Waiting } from '@port-dispatch/core/http'
import { describeReport, type ReportResult } from '@port-dispatch/core/port'
import {
  createGrowingRedactor,
  printableJson,
  type Redactor,
  sanitize,
} from '@port-dispatch/core/text'
import { LiveLine } from './live-line.ts'
import { settingName } from './setting-names.ts'

type Style = Parameters<typeof styleText>[0]

/** Styles text where standard error is a terminal that shows colors, honouring NO_COLOR and FORCE_COLOR. */
export function style(format: Style, text: string): string {
  return styleText(format, text, { stream: process.stderr })
}

/**
 * All that the command prints goes through here: secrets are replaced, and text of others cannot act on the terminal or
 * be taken for a command of the CI system.
 */
export class Terminal {
  readonly #secrets = createGrowingRedactor()
  readonly #live = new LiveLine(process.stderr)
  #lastWait = ''

  /** Messages for people go to standard error. */
  readonly logger: Logger = {
    info: (message) => this.message(message),
    notice: (message) => this.#write(style('cyan', 'note:'), message),
    warning: (message) => this.#write(style('yellow', 'warning:'), message),
    settingName,
  }

  /** Says why a request takes long: on a terminal in a line that counts down, elsewhere once for each reason. */
  readonly onWait: OnWait = (waiting) => {
    if (waiting.type === 'over') {
      this.#live.hide()
      this.#lastWait = ''
      return
    }
    const what = describeWait(waiting)
    if (waiting.type === 'retry' && what !== this.#lastWait) this.message(`${what} Trying again.`)
    else if (what !== this.#lastWait && !this.#live.isPossible) this.message(what)
    this.#lastWait = what
    const since = performance.now()
    this.#live.show(() => countDown(waiting, performance.now() - since))
  }

  /** Whether a line can be shown that changes. */
  get isLive(): boolean {
    return this.#live.isPossible
  }

  /** What the last line of a terminal says while something is waited for; undefined: nothing any more. */
  showProgress(text: (() => string) | undefined): void {
    this.#live.showBehind(text && (() => oneLine(sanitize(this.redactor(text())))))
  }

  /** Hides more secrets from now on. */
  hide(secrets: Iterable<string>): void {
    this.#secrets.hide(secrets)
  }

  /** For those who send text elsewhere. It knows what is hidden later, too. */
  get redactor(): Redactor {
    return this.#secrets.redactor
  }

  /** Machine output, as it is. */
  output(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** Machine output without secrets. */
  json(value: unknown, indent?: number): void {
    // What JSON can express survives this; the rest would not be printed either.
    const plain = JSON.parse(JSON.stringify(value)) as Json
    this.jsonWithSecrets(this.redactor.json(plain), indent)
  }

  /** Machine output in which secrets were asked for. */
  jsonWithSecrets(value: unknown, indent?: number): void {
    this.output(printableJson(JSON.stringify(value, null, indent)))
  }

  /** A message for people. */
  message(text: string): void {
    this.#write('', text)
  }

  /** What went wrong, in the words of the command. */
  error(error: PortDispatchError | string): void {
    const text = error instanceof PortDispatchError ? formatError(error, settingName) : error
    this.#write(style('red', 'error:'), text)
  }

  /** What Commander says of an argument: a message that quotes it, and perhaps a line with what may have been meant. */
  usageError(text: string): string {
    const [, message = text, meant] = /^(.*?)\n?(\(Did you mean [^\n]*\))?\s*$/s.exec(text) ?? []
    const lines = meant === undefined ? [message] : [message, meant]
    return `${sanitize(lines.map((line) => this.redactor(line)))}\n`
  }

  /** What is worth saying of a report: that a run was left alone, or what Port did not get, in full. */
  report(result: ReportResult): void {
    const said = describeReport(result, settingName)
    if (said) this.logger[said.level](said.text)
  }

  #write(label: string, text: string): void {
    const clean = sanitize(this.redactor(text))
    this.#live.write(`${label ? `${label} ` : ''}${clean}\n`)
  }
}

/** Names of others can have line breaks in them. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

type Shown = Exclude<Waiting, { type: 'over' }>

function describeWait(waiting: Shown): string {
  return waiting.type === 'slow'
    ? `Waiting for ${waiting.host} to respond.`
    : `Request to ${waiting.host} failed: ${waiting.reason}.`
}

/** @param elapsed milliseconds since it was said */
function countDown(waiting: Shown, elapsed: number): string {
  const seconds = Math.round(elapsed / 1_000)
  if (waiting.type === 'slow') return `Waiting for ${waiting.host} to respond: ${seconds + 2} s`
  const left = Math.max(0, Math.round((waiting.left - elapsed) / 1_000))
  return `Trying ${waiting.host} again for ${left} s at most`
}
