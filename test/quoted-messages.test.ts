import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** All that can print: sources without their comments, as one line. */
const sources = ['packages', 'templates', 'action.yml']
  .flatMap((path) =>
    path.endsWith('.yml')
      ? [path]
      : readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)),
  )
  .filter((path) => /^packages\/[^/]+\/(src|bin)\/.*\.c?[jt]s$|^[^/]+(\/.*)?\.yml$/.test(path))
  .map((path) => readFileSync(path, 'utf8'))
  .map((text) => text.replace(/\/\*[\s\S]*?\*\/|^\s*(\/\/|#).*$/gm, ''))
  .join('\n')
  .replaceAll(/\s+/g, ' ')
  .replaceAll("\\'", "'")

/** What differs from time to time: names, numbers, addresses, what stands in quotes, and what a page leaves out. */
const VARIABLE =
  /…|"[^"]*"|\$\{\{.*?\}\}|\b(?:main|wait)\b|\S*[\d_/@]\S*|\b[a-z]+[A-Z]\w*|\b[A-Z][A-Z\d_]{2,}\b|--[\w-]+/g
/** Where a message is put together of problems: `name: found; expected …. Advice.` */
const JOINT = /(?:; expected |[.;:,()] |[.;:,()]$|^[(])/

/** The messages that a page quotes: inline code that reads like a sentence, and all of it that stands in bold. */
function quotesOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/^```.*?^```/gms, '')
  return [...text.matchAll(/(\*\*)?(`+)((?:(?!`)[\s\S])+?)\2(?!`)/g)]
    .map(([, bold, , code = '']) => ({ bold, code: code.replaceAll(/\s+/g, ' ').trim() }))
    .filter(({ bold, code }) => {
      const words = code.split(' ').filter((word) => /^[a-z']{2,}[,.;:]?$/.test(word))
      return (bold && words.length > 0) || words.length >= 3
    })
    .map(({ code }) => code)
}

/** The fixed parts of a quoted message, of two words or more. */
function fixedParts(quote: string): string[] {
  return quote
    .replaceAll(VARIABLE, '\n')
    .split('\n')
    .flatMap((part) => part.trim().split(JOINT))
    .map((part) => part.trim())
    .filter((part) => part.includes(' '))
}

/** Whether sources hold a part, or two parts of which it is made: `GitLab refused to` and `start a pipeline of`. */
function isPrinted(part: string): boolean {
  if (sources.includes(part)) return true
  const words = part.split(' ')
  return words.some((_, at) => {
    const [start, end] = [words.slice(0, at).join(' '), words.slice(at).join(' ')]
    return at > 1 && sources.includes(start) && sources.includes(end)
  })
}

const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)]

describe('the messages that the documentation quotes are printed somewhere', () => {
  it.for(pages.filter((page) => quotesOf(page).length > 0))('%s', (page) => {
    const invented = quotesOf(page).filter((quote) =>
      fixedParts(quote).some((part) => !isPrinted(part)),
    )
    expect(invented).toEqual([])
  })

  it('which would be seen if it were not so', () => {
    expect(quotesOf('docs/troubleshooting.md').length).toBeGreaterThan(20)
    const parts = fixedParts('The event "push" is none that Port sends, so there is no run.')
    expect(parts).toEqual(['The event', 'is none that Port sends', 'so there is no run'])
  })
})
