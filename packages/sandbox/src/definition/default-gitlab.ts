import type { GitLabDefinition } from './definition.ts'

export const defaultGitLab: GitLabDefinition = {
  accessTokens: [
    { token: 'sandbox-gitlab-token-8d14e6' },
    { token: 'sandbox-gitlab-read-only-token-57ac02', scope: 'read_api' },
  ],
  projects: [
    {
      path: 'acme/platform/provisioning',
      id: 4_471,
      defaultBranch: 'main',
      branches: ['next'],
      tags: ['v2.0.0'],
      triggerTokens: ['sandbox-gitlab-trigger-token-c9e730'],
      stages: ['validate', 'plan', 'apply'],
      queued: 0.4,
      jobs: [
        { name: 'validate', stage: 'validate', seconds: 0.5, log: ['Configuration is valid.'] },
        {
          name: 'plan',
          stage: 'plan',
          seconds: 0.7,
          log: ['Plan: 5 to add, 0 to change, 0 to destroy.'],
        },
        {
          name: 'apply',
          stage: 'apply',
          seconds: 1,
          failWhen: { ENVIRONMENT: 'broken' },
          log: ['aws_db_instance.this: Creating...'],
        },
        {
          name: 'notify',
          stage: 'apply',
          seconds: 0.3,
          allowFailure: true,
          log: ['Posted to #platform'],
        },
      ],
    },
    {
      path: 'acme/release',
      id: 4_502,
      triggerTokens: ['sandbox-gitlab-trigger-token-c9e730'],
      stages: ['build', 'release'],
      queued: 0.3,
      jobs: [
        { name: 'build', stage: 'build', seconds: 0.5, runWhen: { RELEASE: ['minor', 'major'] } },
        {
          name: 'release',
          stage: 'release',
          when: 'manual',
          runWhen: { RELEASE: ['minor', 'major'] },
        },
      ],
    },
  ],
}
