/** Text that is already HTML and must not be escaped again. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | null | undefined | readonly Part[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function toHtml(part: Part): string {
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part === null ? '' : part.map(toHtml).join('')
  return String(part ?? '').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** Builds HTML. Parts that are not built by this function are escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, index) => text + toHtml(parts[index])).join(''))
}

/** A link for a web address, plain text for anything else. */
export function link(address: string, label = address): Html {
  return /^https?:\/\//.test(address) || /^\/(?!\/)/.test(address)
    ? html`<a href="${address}">${label}</a>`
    : html`${label}`
}
