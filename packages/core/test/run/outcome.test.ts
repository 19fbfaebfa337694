import {
  githubExternalRunId,
  githubOutcome,
  gitlabExternalRunId,
  gitlabOutcome,
  statusLabel,
} from '@port-dispatch/core/run'
import { describe, expect, it } from 'vitest'

describe('the outcome of a GitHub run', () => {
  it.each(['success', 'skipped', 'neutral'])('%s is a success', (conclusion) => {
    expect(githubOutcome(conclusion).status).toBe('SUCCESS')
  })

  it.each([
    ['failure', 'Failed'],
    ['cancelled', 'Cancelled'],
    ['timed_out', 'Timed out'],
    ['action_required', 'Action required'],
    ['startup_failure', 'Failed to start'],
    ['stale', 'Stale'],
    ['abducted_by_aliens', 'abducted_by_aliens'],
    ['constructor', 'constructor'],
  ])('%s is a failure, labelled %s', (conclusion, label) => {
    expect(githubOutcome(conclusion)).toEqual({ status: 'FAILURE', statusLabel: label })
  })
})

describe('the outcome of a GitLab pipeline', () => {
  it.each([
    ['success', 'SUCCESS'],
    ['failed', 'FAILURE'],
    ['canceled', 'FAILURE'],
    ['skipped', 'FAILURE'],
  ])('%s is %s', (status, outcome) => {
    expect(gitlabOutcome(status)?.status).toBe(outcome)
  })

  it.each([
    'created',
    'waiting_for_resource',
    'preparing',
    'pending',
    'running',
    'canceling',
    'manual',
    'scheduled',
    'a_status_of_next_year',
  ])('%s goes on', (status) => {
    expect(gitlabOutcome(status)).toBeUndefined()
  })
})

it('labels say what a status means', () => {
  expect(statusLabel('manual')).toBe('Waiting for a manual job')
})

it('external run ids have the form of the Ocean integrations', () => {
  expect(githubExternalRunId({ ownerId: 1, repositoryId: 2, workflowRunId: 3 })).toBe('gh_1_2_3')
  expect(gitlabExternalRunId({ projectId: 4, pipelineId: 5 })).toBe('gl_4_5')
})
