// Warnings and reports quote errors of the backends. Whoever reads them knows a setting by the name of the command or of
// the Action, never by that of the library. Every test with a process checks its output for the library's names; here
// are the ways on which an error is quoted.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { ActionStep } from '../support/run-action.ts'
import { runCommand } from '../support/run-command.ts'
import { endlessSandboxTest as it } from '../support/sandbox-test.ts'
import { libraryNameIn } from '../support/setting-names.ts'

/** GitHub as a token sees it that cannot do one of the things that a dispatch does. */
async function githubThatRefuses(sandbox: Sandbox, refused: RegExp) {
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    response.setHeader('content-type', 'application/json')
    if (refused.test(`${method} ${url}`)) {
      response.writeHead(401).end('{"message": "Bad credentials"}')
      return
    }
    const { authorization = '' } = headers
    const body = await text(request)
    const passed = await fetch(sandbox.url + url, {
      method,
      headers: { authorization },
      ...(body && { body }),
    })
    response.writeHead(passed.status).end(await passed.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const CASES: [string, RegExp][] = [
  ['the start', /^POST .*dispatches/],
  ['what is read of the run', /^GET .*\/actions\/runs/],
  ['its cancellation', /^POST .*cancel/],
]

/** All that people read of the run in Port. */
function shownInPort(sandbox: Sandbox, runId: string): string {
  const run = sandbox.portRun(runId)
  return [run?.statusLabel, ...(run?.logs ?? []).map(({ message }) => message)].join('\n')
}

const METHOD = {
  type: 'GITHUB',
  org: 'acme',
  repo: 'services',
  workflow: 'deploy.yml',
  workflowInputs: { service: 'checkout', environment: 'staging' },
}

describe.concurrent('a token that GitHub refuses', () => {
  it.for(CASES)(
    'is named by its variable in the command: %s',
    async ([_, refused], { sandbox }) => {
      await using github = await githubThatRefuses(sandbox, refused)
      const { id } = sandbox.createPortRun('deploy_service')
      const { stderr } = await runCommand(
        [
          'dispatch',
          '--action',
          JSON.stringify(METHOD),
          '--context',
          JSON.stringify({ run: { id } }),
          '--wait',
          ...['--timeout', '200ms', '--on-cancel', 'cancel'],
        ],
        {
          env: {
            ...sandbox.environment,
            GITHUB_ACTIONS: 'true',
            GITHUB_API_URL: github.apiUrl,
          },
        },
      )
      expect(stderr).toContain('Check GITHUB_TOKEN: it is not valid, or it has expired.')
      expect(shownInPort(sandbox, id)).toMatch(/Not started\n.*Check GITHUB_TOKEN|Timed out/)
    },
  )

  it.for(CASES)('is named by its input in the Action: %s', async ([_, refused], { sandbox }) => {
    await using github = await githubThatRefuses(sandbox, refused)
    const { id } = sandbox.createPortRun('deploy_service')
    const step = new ActionStep({
      sandbox,
      inputs: {
        operation: 'DISPATCH',
        invocationMethod: JSON.stringify(METHOD),
        context: JSON.stringify({ run: { id } }),
        wait: 'true',
        timeout: '200ms',
        onCancel: 'cancel',
      },
      env: { GITHUB_API_URL: github.apiUrl },
    })
    const { output, summary } = await step.main()
    expect(output).toContain('Check githubToken: it is not valid, or it has expired.')
    expect(libraryNameIn(summary)).toBeUndefined()
    expect(shownInPort(sandbox, id)).toMatch(/Not started\n.*Check githubToken|Timed out/)
  })
})
