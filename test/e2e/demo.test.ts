import { expect, it } from 'vitest'
import { runCommand } from '../support/run-command.ts'

it('the demo shows a workflow, a pipeline, a failure and a webhook, and ends', async () => {
  const { code, stdout, stderr } = await runCommand(['demo'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const ends = [...stdout.matchAll(/run r_\w+: (\w+), (.*)/g)].map(([, ...end]) => end)
  expect(ends).toEqual([
    ['SUCCESS', 'Success'],
    ['SUCCESS', 'Success'],
    ['FAILURE', 'Failed at "Terraform apply"'],
    ['SUCCESS', '200 OK'],
  ])
  expect(stdout).toMatch(/webhook {2}POST \S+\/webhooks\/restart\/staging: 200 OK after/)
  expect(stdout).toContain('response: {"received":1,"signature":"valid"}')
})
