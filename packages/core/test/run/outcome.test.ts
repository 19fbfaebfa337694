import {
  END_WORDS,
  githubExternalRunId,
  githubOutcome,
  gitlabExternalRunId,
  gitlabOutcome,
  isKnownStatus,
  portStatusOf,
  statusLabel,
  worstOf,
} from '@port-dispatch/core/run'
import { describe, expect, it } from 'vitest'

describe('the outcome of a GitHub run', () => {
  it.each(['success', 'skipped', 'neutral'])('%s is a success', (conclusion) => {
    expect(githubOutcome(conclusion).status).toBe('SUCCESS')
  })

  it.each([
    ['failure', 'Failed'],
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

it.each([githubOutcome('cancelled'), gitlabOutcome('canceled'), portStatusOf('CANCELLED')])(
  'a run that was cancelled is Cancelled, in the words of either system',
  (outcome) => {
    expect(outcome).toEqual({ status: 'FAILURE', statusLabel: 'Cancelled', cancelled: true })
  },
)

describe('the outcome that a user names', () => {
  it.each([
    ['SUCCESS', 'SUCCESS', 'Success'],
    ['success', 'SUCCESS', 'Success'],
    [' Failure ', 'FAILURE', 'Failed'],
    ['failed', 'FAILURE', 'Failed'],
    ['timed out', 'FAILURE', 'Timed out'],
    ['timed-out', 'FAILURE', 'Timed out'],
    ['Canceled', 'FAILURE', 'Cancelled'],
    ['skipped', 'SUCCESS', 'Skipped'],
    ['neutral', 'SUCCESS', 'Neutral'],
  ])('%j is %s, %s', (word, status, statusLabel) => {
    expect(portStatusOf(word)).toMatchObject({ status, statusLabel })
  })

  it.each(['', 'running', 'IN_PROGRESS', 'completed', 'constructor', 'yes'])(
    '%j does not say how something ended',
    (word) => {
      expect(portStatusOf(word)).toBeUndefined()
    },
  )

  it('can be every word that messages offer', () => {
    expect(END_WORDS.map(portStatusOf)).not.toContain(undefined)
  })
})

describe('the conclusion of several jobs', () => {
  it.each([
    [[], 'success'],
    [['success', 'skipped', 'neutral'], 'success'],
    [['success', 'cancelled'], 'cancelled'],
    [['cancelled', 'failure', 'success'], 'failure'],
    [['cancelled', 'timed_out'], 'failure'],
  ])('of %j is %s', (conclusions, worst) => {
    expect(worstOf(conclusions)).toBe(worst)
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
    'waiting_for_callback',
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
  expect(isKnownStatus('waiting_for_callback')).toBe(true)
  expect(statusLabel('manual')).toBe('Waiting for a manual job')
})

it('external run ids have the form of the Ocean integrations', () => {
  expect(githubExternalRunId({ ownerId: 1, repositoryId: 2, workflowRunId: 3 })).toBe('gh_1_2_3')
  expect(gitlabExternalRunId({ projectId: 4, pipelineId: 5 })).toBe('gl_4_5')
})
