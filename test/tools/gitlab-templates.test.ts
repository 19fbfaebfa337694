import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fillIn, readTemplate } from './gitlab/read-template.ts'
import { hasTools } from './gitlab/required-tools.ts'

const TEMPLATES = ['report', 'dispatch', 'lint']
const EXAMPLES = 'examples/pipelines'

/** Checks files against the JSON schema with which GitLab's own pipeline editor checks them. */
async function checkSchema(...files: string[]): Promise<void> {
  const args = ['--builtin-schema', 'vendor.gitlab-ci', '--data-transform', 'gitlab-ci', ...files]
  await promisify(execFile)('check-jsonschema', args)
}

async function checkDocument(document: unknown): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-schema-'))
  try {
    const file = join(folder, 'pipeline.yml')
    await writeFile(file, JSON.stringify(document))
    await checkSchema(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.skipIf(!hasTools('check-jsonschema')).concurrent("GitLab's schema allows", () => {
  it.for(TEMPLATES)('the header of %s', async (name) => {
    await checkDocument(readTemplate(name).header)
  })

  it.for(TEMPLATES)('the jobs of %s, with default inputs', async (name) => {
    const { header, body } = readTemplate(name)
    const defaults = Object.entries(header.spec.inputs).map(([input, { default: value }]) => [
      input,
      value ?? 'provision_database',
    ])
    await checkDocument(fillIn(body, Object.fromEntries(defaults)))
  })

  it('the pipeline of this project, and the examples', async () => {
    const examples = (await readdir(EXAMPLES)).map((file) => `${EXAMPLES}/${file}`)
    await checkSchema('.gitlab-ci.yml', ...examples)
  })
})

describe.each(TEMPLATES)('the template %s', (name) => {
  const { text, header, body } = readTemplate(name)
  const inputs = Object.entries(header.spec.inputs)

  it.each(inputs)(
    'explains the input %s, in kebab-case',
    (input, { description, type, default: value }) => {
      expect(input).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(description).toMatch(/^[A-Z].+\.$/s)
      expect(type).toBe(Array.isArray(value) ? 'array' : typeof (value ?? ''))
      // GitLab would leave it as it is.
      expect(JSON.stringify(value ?? '')).not.toContain('$[[')
    },
  )

  it('uses every input, and no other', () => {
    const used = new Set(
      [...text.matchAll(/\$\[\[ inputs\.([\w-]+) \]\]/g)].map(([, input]) => input),
    )
    expect([...used].sort()).toEqual(inputs.map(([input]) => input).sort())
  })

  it('uses nothing that is beta', () => {
    expect(text).not.toMatch(/\$\[\[ *component\./)
  })

  it('is described input by input in the documentation', async () => {
    const page = await readFile('docs/gitlab.md', 'utf8')
    for (const [input] of inputs) expect(page).toContain(`\`${input}\``)
  })

  it('gives what people write to the command as a variable, never to the shell', () => {
    const scripts = JSON.stringify(Object.values(body).map((job) => Object(job).script))
    expect(scripts).not.toContain('$[[')
  })

  it('runs the package of its own version', async () => {
    const { version } = JSON.parse(await readFile('packages/cli/package.json', 'utf8'))
    expect(header.spec.inputs.version?.default).toBe(version)
  })
})
