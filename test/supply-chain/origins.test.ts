import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { collectLicenses } from '../../scripts/collect-licenses.ts'
import { writeSboms } from '../../scripts/write-sbom.ts'

const root = resolve(import.meta.dirname, '../..')
const PARTS_OF_JQ = ['jq', 'Oniguruma', 'decNumber', 'dtoa.c', 'musl']

describe('the workflows of this repository', async () => {
  const folder = join(root, '.github/workflows')
  const workflows = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      name,
      text: await readFile(join(folder, name), 'utf8'),
    })),
  )

  it.each(workflows)('$name uses actions by commit, with the version as comment', ({ text }) => {
    const uses = text.split('\n').filter((line) => /\buses:/.test(line) && !/^\s*#/.test(line))
    expect(uses.length).toBeGreaterThan(0)
    for (const line of uses)
      expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it.each(workflows)('$name gives each job the permissions that it needs', ({ text }) => {
    const { permissions, jobs } = parse(text)
    expect(permissions).toEqual({})
    for (const job of Object.values<{ permissions?: object }>(jobs))
      expect(Object.keys(job.permissions ?? {}).length).toBeGreaterThan(0)
  })
})

describe('what is bundled', () => {
  it('is named with its license, and what is compiled into jq as well', async () => {
    const text = await collectLicenses(['jq-wasm\nMIT\n…', 'valibot\nMIT'])
    expect(text).toContain('valibot\nMIT')
    for (const name of PARTS_OF_JQ)
      expect(text).toMatch(new RegExp(`^${name}( [\\d.]+)? \\(part of jq-wasm\\)$`, 'm'))
    expect(await collectLicenses(['valibot'])).not.toContain('Oniguruma')
  })

  it('is listed by an SBOM for each package, with what it ships and no more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sbom-'))
    try {
      await writeSboms(folder)
      for (const file of await readdir(folder)) {
        const sbom = JSON.parse(await readFile(join(folder, file), 'utf8'))
        const names: string[] = sbom.components.map(({ name }: { name: string }) => name)
        expect(sbom).toMatchObject({ bomFormat: 'CycloneDX' })
        expect(sbom.metadata.component.name).toBe(`@port-dispatch/${file.replace('.cdx.json', '')}`)
        expect(names).not.toContain('typescript')
        expect(names).not.toContain('vitest')
        if (names.includes('jq-wasm')) expect(names).toEqual(expect.arrayContaining(PARTS_OF_JQ))
        if (file === 'cli.cdx.json')
          expect(names).toEqual(expect.arrayContaining(['commander', 'yaml', 'jq-wasm', 'hono']))
        if (file === 'github-action.cdx.json')
          expect(names).toEqual(expect.arrayContaining(['@actions/core', 'yaml', 'jq-wasm']))
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
