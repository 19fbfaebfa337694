import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatPhrase } from '@port-dispatch/core'
import { lintFiles } from '@port-dispatch/dispatcher/host/lint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLANTED, type Planted } from './planted.ts'

const EXAMPLES = new URL('examples/', import.meta.url).pathname
const examples = Object.entries(PLANTED)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'port-dispatch-lint-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What is found in an example as it is in a folder: `error unknown-path: … Did you mean …?` */
async function found(repo: string): Promise<string[]> {
  const { findings } = await lintFiles({ actions: [join(repo, 'action.json')], repo })
  return findings.map(({ rule, severity, message, advice = '' }) =>
    `${severity} ${rule}: ${formatPhrase(message, String)}. ${formatPhrase(advice, String)}`.trim(),
  )
}

/** What is found, but not without the mistake. A file that cannot be read at all is found, too. */
async function foundWith(example: string, { edits }: Planted, index: number): Promise<string[]> {
  const repo = join(folder, `${example}-${index}`)
  await cp(join(EXAMPLES, example), repo, { recursive: true })
  for (const { file, from, to } of edits) {
    const path = join(repo, file)
    const text = await readFile(path, 'utf8')
    if (!text.includes(from)) throw new Error(`${example}/${file} does not hold ${from}`)
    await writeFile(
      path,
      text.replace(from, () => to),
    )
  }
  return await found(repo)
}

describe.concurrent('the examples are right', () => {
  it.for(examples)('%s', async ([example]) => {
    expect(await found(join(EXAMPLES, example))).toEqual([])
  })
})

describe.concurrent('a mistake is found', () => {
  it.for(
    examples.flatMap(([example, planted]) =>
      planted.map((one, i) => ({ example, one, i, ...one })),
    ),
  )('$example: $what', async ({ example, one, i }) => {
    const messages = await foundWith(example, one, i)
    expect(messages.filter((text) => !text.startsWith('info'))).toContainEqual(
      expect.stringMatching(one.speaksOf),
    )
  })
})
