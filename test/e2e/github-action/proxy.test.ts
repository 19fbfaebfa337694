import { describe, expect } from 'vitest'
import { TestProxy } from '../../support/proxy.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

describe.concurrent('on a runner behind a proxy', () => {
  it.for(['HTTP_PROXY', 'http_proxy'])('%s is used', async (variable, { sandbox }) => {
    const proxy = await TestProxy.start(sandbox.url)
    try {
      const { id } = sandbox.createPortRun('deploy_service')
      const step = new ActionStep({
        sandbox,
        inputs: { runId: id, baseUrl: 'http://port.localhost' },
        env: { [variable]: proxy.url },
      })
      expect(await step.main()).toMatchObject({ code: 0, annotations: [] })
      expect(await step.post()).toMatchObject({ code: 0, annotations: [] })
      expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS' })
      expect(proxy.seen.every((line) => line.includes('port.localhost'))).toBe(true)
    } finally {
      proxy.close()
    }
  })

  it('NO_PROXY is honoured', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = new ActionStep({
      sandbox,
      inputs: { runId: id },
      env: { HTTP_PROXY: 'http://127.0.0.1:59321', NO_PROXY: '127.0.0.1' },
    })
    expect(await step.main()).toMatchObject({ code: 0, annotations: [] })
  })

  it('an address that cannot be used is reported, without its password', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = new ActionStep({
      sandbox,
      inputs: { runId: id },
      env: { HTTP_PROXY: 'socks5://ada:hunter2@proxy:1080' },
    })
    const main = await step.main()
    expect(main.code).toBe(0)
    expect(main.annotations).toEqual([
      expect.stringMatching(
        /^warning: .*HTTP_PROXY names a proxy of the type socks5, .* Expected an address like/,
      ),
    ])
    expect(main.masks).toContain('hunter2')
    expect(main.output.replace(/^::add-mask::.*$/gm, '')).not.toContain('hunter2')
  })
})
