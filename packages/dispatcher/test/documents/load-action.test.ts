import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadAction } from '@port-dispatch/dispatcher/host'
import { expect, it } from 'vitest'

it('says of a configuration of Terraform what it is, whether or not YAML could be made of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-action-'))
  try {
    const body =
      'resource "port_action" "deploy" {\n  url = "https://x.example/{{ .run.id }}: a"\n}\n'
    for (const name of ['action.tf', 'action.hcl', 'action']) {
      const file = join(folder, name)
      const text = name === 'action' ? 'resource "port_action" "deploy" {\n}\n' : body
      await writeFile(file, text)
      await expect(loadAction(file, () => undefined)).rejects.toThrow(
        `The action ${file} is not valid:\n  found a configuration of Terraform; expected an action definition`,
      )
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
