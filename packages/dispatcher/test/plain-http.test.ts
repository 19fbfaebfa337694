import type { RenderedMethod } from '@port-dispatch/core/action'
import { Dispatcher } from '@port-dispatch/dispatcher'
import { expect, it } from 'vitest'
import { Receiver } from '../../../test/support/receiver.ts'

const github: RenderedMethod = {
  type: 'GITHUB',
  org: 'o',
  repo: 'r',
  workflow: 'w.yml',
  reportWorkflowStatus: true,
  workflowInputs: { ref: 'main' },
}
const gitlab: RenderedMethod = {
  type: 'GITLAB',
  projectName: 'p',
  groupName: 'g',
  defaultRef: 'main',
  pipelineVariables: {},
}
const withoutWarning = [
  'https://forge.example',
  'http://127.0.0.1:1',
  'http://localhost',
  'http://[::1]:1',
]

it.each([github, gitlab])(
  'a token that leaves this machine unencrypted is warned of: $type',
  async (method) => {
    const warningsFor = async (url: string) => {
      const dispatcher = new Dispatcher({
        github: { token: 'x', apiUrl: `${url}/api/v3` },
        gitlab: { token: 'x', url },
      })
      return (await dispatcher.plan(method)).warnings
    }
    expect(await warningsFor('http://forge.example')).toEqual([
      expect.stringContaining('is called at http://forge.example, without encryption'),
    ])
    for (const url of withoutWarning) expect(await warningsFor(url)).toEqual([])
  },
)

it.each([github, gitlab])(
  'a server that repeats a renewed token does not bring it into an error: $type',
  async (method) => {
    const token = 'glpat-of-a-function-1234'
    await using receiver = await Receiver.start((response, { headers }) => {
      response.writeHead(403, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ message: `no: ${JSON.stringify(headers)}` }))
    })
    const dispatcher = new Dispatcher({
      github: { token: () => token, apiUrl: receiver.url },
      gitlab: { token: () => token, url: receiver.url },
    })
    const plan = await dispatcher.plan(method)
    const error = await Promise.resolve(plan.start()).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('***')
    expect(String(error)).not.toContain(token)
  },
)
