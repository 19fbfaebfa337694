import type { Sandbox } from '@port-dispatch/sandbox'

/** A workflow that Port started: its event names the run. */
export function startedByPort(sandbox: Sandbox) {
  const { id } = sandbox.createPortRun('deploy_service')
  return {
    id,
    event: {
      name: 'workflow_dispatch',
      payload: { inputs: { service: 'checkout', port_context: JSON.stringify({ runId: id }) } },
    },
  }
}
