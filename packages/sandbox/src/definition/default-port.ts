import { defaultActions } from './default-actions.ts'
import type { PortDefinition } from './definition.ts'

export const defaultPort: PortDefinition = {
  organization: 'org_acme',
  credentials: [
    {
      clientId: 'sandbox-port-client-id',
      clientSecret: 'sandbox-port-client-secret-e61f0a42b7d94c5893ba',
    },
  ],
  actions: defaultActions,
  runs: [
    {
      id: 'r_ScaffoldService1',
      action: 'scaffold_service',
      properties: { service_name: 'checkout', language: 'typescript' },
    },
    {
      id: 'r_DeployService001',
      action: 'deploy_service',
      entity: 'checkout',
      properties: { environment: 'staging', version: '1.4.0' },
    },
    {
      id: 'r_DeployService002',
      action: 'deploy_service',
      entity: 'checkout',
      properties: { environment: 'broken', version: '1.4.0' },
    },
    {
      id: 'r_ProvisionDb00001',
      action: 'provision_database',
      properties: { name: 'orders', environment: 'staging', size_gb: 20 },
    },
    {
      id: 'r_ProvisionDb00002',
      action: 'provision_database',
      properties: { name: 'orders', environment: 'broken', size_gb: 20 },
    },
    {
      id: 'r_RestartDeploy001',
      action: 'restart_deployment',
      entity: 'checkout',
      properties: { reason: 'memory' },
    },
  ],
  nodeRuns: [
    'wfnr_Deploy00000001',
    // For an agent; the sandbox itself receives it.
    {
      identifier: 'wfnr_RestartNode001',
      node: 'restart',
      config: {
        type: 'WEBHOOK',
        url: '{{ .secrets.SANDBOX_URL }}/webhooks/restart-node?status=200',
        agent: true,
        synchronized: true,
      },
    },
  ],
}
