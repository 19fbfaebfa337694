import type { PortAction } from './definition.ts'

/** The actions of `examples/` that the default workflows and pipelines can run. */
export const defaultActions: readonly PortAction[] = [
  {
    identifier: 'scaffold_service',
    title: 'Scaffold a service',
    icon: 'Microservice',
    description: 'Creates a repository from a template and registers the service',
    trigger: {
      type: 'self-service',
      operation: 'CREATE',
      blueprintIdentifier: 'service',
      userInputs: {
        properties: {
          service_name: {
            type: 'string',
            title: 'Name',
            pattern: '^[a-z][a-z0-9-]*$',
          },
          language: {
            type: 'string',
            enum: ['typescript', 'python', 'go'],
          },
          owner_team: {
            type: 'string',
            format: 'team',
          },
        },
        required: ['service_name', 'language'],
        order: ['service_name', 'language', 'owner_team'],
      },
    },
    invocationMethod: {
      type: 'GITHUB',
      org: 'acme',
      repo: 'services',
      workflow: 'scaffold-service.yml',
      reportWorkflowStatus: true,
      workflowInputs: {
        service_name: '{{ .inputs.service_name }}',
        language: '{{ .inputs.language }}',
        '{{ if (.inputs | has("owner_team")) then "owner_team" else null end }}':
          '{{ .inputs.owner_team }}',
        port_context: {
          runId: '{{ .run.id }}',
          blueprint: '{{ .action.blueprint }}',
          requestedBy: '{{ .trigger.by.user.email }}',
        },
      },
    },
  },
  {
    identifier: 'deploy_service',
    title: 'Deploy',
    icon: 'Deployment',
    trigger: {
      type: 'self-service',
      operation: 'DAY-2',
      blueprintIdentifier: 'service',
      userInputs: {
        properties: {
          ref: {
            type: 'string',
            title: 'Branch or tag',
          },
          environment: {
            type: 'string',
          },
          version: {
            type: 'string',
          },
          dry_run: {
            type: 'boolean',
          },
        },
        required: ['environment'],
      },
    },
    invocationMethod: {
      type: 'GITHUB',
      org: 'acme',
      repo: 'services',
      workflow: 'deploy.yml',
      reportWorkflowStatus: true,
      workflowInputs: {
        '{{ if (.inputs | has("ref")) then "ref" else null end }}': '{{ .inputs.ref }}',
        service: '{{ .entity.identifier }}',
        environment: '{{ .inputs.environment }}',
        version: '{{ .inputs.version // "latest" }}',
        dry_run: '{{ .inputs.dry_run // false }}',
        port_run_id: '{{ .run.id }}',
      },
    },
  },
  {
    identifier: 'provision_database',
    title: 'Provision a database',
    icon: 'Database',
    trigger: {
      type: 'self-service',
      operation: 'CREATE',
      blueprintIdentifier: 'database',
      userInputs: {
        properties: {
          name: {
            type: 'string',
          },
          environment: {
            type: 'string',
          },
          size_gb: {
            type: 'number',
          },
          tags: {
            type: 'object',
          },
        },
        required: ['name', 'environment'],
      },
    },
    invocationMethod: {
      type: 'GITLAB',
      groupName: 'acme/platform',
      projectName: 'provisioning',
      defaultRef: 'main',
      pipelineVariables: {
        NAME: '{{ .inputs.name }}',
        ENVIRONMENT: '{{ .inputs.environment }}',
        SIZE_GB: '{{ .inputs.size_gb // 10 }}',
        TAGS: '{{ .inputs.tags // {} }}',
        PORT_RUN_ID: '{{ .run.id }}',
      },
    },
  },
  {
    identifier: 'restart_deployment',
    title: 'Restart a deployment',
    icon: 'Microservice',
    trigger: {
      type: 'self-service',
      operation: 'DAY-2',
      blueprintIdentifier: 'service',
      userInputs: {
        properties: {
          reason: {
            type: 'string',
          },
        },
        required: [],
      },
    },
    // For an agent; the sandbox itself receives it.
    invocationMethod: {
      type: 'WEBHOOK',
      url: '{{ .secrets.SANDBOX_URL }}/webhooks/restart?status=200',
      agent: true,
      synchronized: true,
      body: {
        service: '{{ .entity.identifier }}',
        reason: '{{ .inputs.reason // "none given" }}',
        run: '{{ .run.id }}',
      },
    },
  },
]
