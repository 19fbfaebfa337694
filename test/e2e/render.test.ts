import { describe, expect, it } from 'vitest'
import { runCommand } from '../support/run-command.ts'

const context = 'examples/deploy-service/context.json'

function render(template: unknown, ...flags: string[]) {
  const method = { type: 'WEBHOOK', url: 'https://x.example', body: template }
  return runCommand(['render', '--action', '-', '--context', context, ...flags], {
    input: JSON.stringify(method),
  })
}

describe.concurrent('port-dispatch render', () => {
  it('prints the rendered invocation method as JSON, and nothing else', async () => {
    const { code, stdout, stderr } = await render({ service: '{{ .entity.identifier }}' })
    expect(JSON.parse(stdout)).toMatchObject({ type: 'WEBHOOK', body: { service: 'checkout' } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('prints no text that a runner or a terminal obeys', async () => {
    const body = {
      a: '##vso[task.complete]',
      b: 'x\u2028::error::y',
      c: '\u009b2J',
      d: '##[add-mask]z',
    }
    for (const flags of [[], ['--expose-secrets']]) {
      const { stdout } = await render(body, ...flags)
      expect(JSON.parse(stdout).body).toEqual(body)
      expect(stdout).not.toMatch(/##\w*\[|[\u2028\u009b]/)
    }
  })

  it('shows a failed expression with its path, itself and a caret below', async () => {
    const { code, stdout, stderr } = await render({
      tags: ['ok', '{{ .inputs.version | nosuch }}'],
    })
    expect(JSON.parse(stdout).body).toEqual({ tags: ['ok', null] })
    expect(stderr).toContain('body.tags[1]')
    expect(stderr).toContain('{{ .inputs.version | nosuch }}')
    expect(stderr).toMatch(/^[ |]*\^/m)
    expect(stderr).toContain('1 expression failed and became null')
    expect(code).toBe(0)
  })

  it('turns a failed expression into exit code 1 with --strict', async () => {
    const { code, stderr } = await render({ a: '{{ error("no") }}' }, '--strict')
    expect(stderr).toContain('expressions failed at body.a')
    expect(code).toBe(1)
  })

  it('gives payload, failures and notes as data with --json', async () => {
    const { stdout } = await render({ '{{ null }}': 1, a: '{{ .inputs.version / 0 }}' }, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      payload: { body: { a: null } },
      failures: [{ path: 'body.a', expression: '.inputs.version / 0', position: { line: 1 } }],
      notes: [{ type: 'dropped-key' }],
    })
  })

  it('reads YAML', async () => {
    const { stdout } = await runCommand(['render', '--action', '-', '--context', context], {
      input: 'type: KAFKA\npayload:\n  version: "{{ .inputs.version }}"\n',
    })
    expect(JSON.parse(stdout)).toEqual({ type: 'KAFKA', payload: { version: '1.4.0' } })
  })

  it('takes its flags from the environment', async () => {
    const env = {
      PORT_DISPATCH_ACTION: 'examples/deploy-service/action.json',
      PORT_DISPATCH_CONTEXT: context,
    }
    const { code, stdout } = await runCommand(['render'], { env })
    expect(JSON.parse(stdout)).toMatchObject({ type: 'GITHUB', workflowInputs: { ref: 'release' } })
    expect(code).toBe(0)
  })

  it('ends within its time limit whatever the template, and refuses what was not evaluated', async () => {
    const { code, stderr } = await render({ endless: '{{ def f: f; f }}', fine: '{{ 1 + 1 }}' })
    expect(stderr).toContain('body.endless')
    expect(stderr).toContain('--jq-timeout')
    expect(code).toBe(2)
  })
})
