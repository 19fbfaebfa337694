import type { GitHubDefinition } from './definition.ts'
import { ciWorkflow } from './workflows/ci.ts'
import { deployWorkflow } from './workflows/deploy.ts'
import { scaffoldServiceWorkflow } from './workflows/scaffold-service.ts'

export const defaultGitHub: GitHubDefinition = {
  tokens: [
    { token: 'sandbox-github-token-3f7a91' },
    { token: 'sandbox-github-read-only-token-b20c55', permission: 'read' },
  ],
  repositories: [
    {
      name: 'acme/services',
      id: 710_045,
      ownerId: 90_211,
      defaultBranch: 'main',
      branches: ['release', 'feature/checkout'],
      tags: ['v1.4.0'],
      workflows: {
        'scaffold-service.yml': {
          content: scaffoldServiceWorkflow,
          plan: {
            queued: 0.4,
            steps: {
              'Check out': { seconds: 0.2 },
              'Render template': { seconds: 0.6, log: ['Cloned acme/template to ./'] },
              'Create repository': {
                seconds: 0.6,
                failWhen: { service_name: 'broken' },
                log: ['Creating repository in acme'],
              },
              'Create entity': { seconds: 0.4, log: ['Entity created in Port'] },
            },
          },
        },
        'deploy.yml': {
          content: deployWorkflow,
          plan: {
            queued: 0.4,
            steps: {
              'Check out': { seconds: 0.2 },
              'Terraform plan': {
                seconds: 0.5,
                log: ['Plan: 3 to add, 1 to change, 0 to destroy.'],
              },
              'Terraform apply': {
                seconds: 0.8,
                failWhen: { environment: 'broken' },
                log: ['aws_ecs_service.this: Modifying...'],
              },
              'Smoke test': { seconds: 0.4, log: ['GET /health'] },
              'Remove lock': { seconds: 0.2 },
            },
          },
        },
        'ci.yml': { content: ciWorkflow },
      },
    },
  ],
}
