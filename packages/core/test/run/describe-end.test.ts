import {
  describeEnd,
  failedJobs,
  failedStepOf,
  githubOutcome,
  gitlabOutcome,
  type JobRecord,
  shortLabel,
} from '@port-dispatch/core/run'
import { describe, expect, it } from 'vitest'

const FAILED = { conclusion: 'failure', outcome: githubOutcome('failure') }

describe('what is said of the end of a run', () => {
  it('is its conclusion and its page', () => {
    const end = describeEnd({
      target: 'acme/shop/deploy.yml',
      conclusion: 'success',
      outcome: githubOutcome('success'),
      url: 'https://ci.example/7',
    })
    expect(end).toEqual({
      outcome: { status: 'SUCCESS', statusLabel: 'Success' },
      message: 'acme/shop/deploy.yml ended: success. https://ci.example/7',
    })
  })

  it('is one line of a label and of the log, whatever the word of the system is', () => {
    const conclusion = `exploded\u001b[31m\n::error::${'x'.repeat(100)}`
    const end = describeEnd({ target: 'Deploy', conclusion, outcome: githubOutcome(conclusion) })
    expect(end.message.split('\n')).toHaveLength(1)
    expect(end.outcome.statusLabel).toMatch(/^exploded \[31m ::error::x+…$/)
    expect(end.outcome.statusLabel).toHaveLength(60)
  })

  it('names what failed first in the label, and all that failed in the message', () => {
    const end = describeEnd({
      target: 'Deploy',
      attempt: 2,
      ...FAILED,
      url: 'https://ci.example/7',
      jobs: [
        { name: 'apply', step: 'terraform apply', url: 'https://ci.example/7/1' },
        { name: 'notify', reason: 'runner_system_failure' },
      ],
    })
    expect(end.outcome).toEqual({
      status: 'FAILURE',
      statusLabel: 'Failed at "terraform apply"',
    })
    expect(end.message.split('\n')).toEqual([
      'Deploy (attempt 2) ended: failure. https://ci.example/7',
      'Failed:',
      '  apply, step "terraform apply": https://ci.example/7/1',
      '  notify (runner_system_failure)',
    ])
  })

  it('names the job where the system has no steps', () => {
    const { outcome } = describeEnd({
      target: 'group/project',
      conclusion: 'failed',
      outcome: { status: 'FAILURE', statusLabel: 'Failed' },
      jobs: [{ name: 'deploy' }],
    })
    expect(outcome.statusLabel).toBe('Failed at "deploy"')
  })

  it('of jobs of which only the results are known names all that failed', () => {
    const results = new Map([
      ['build', 'failure'],
      ['test', 'timed_out'],
      ['deploy', 'skipped'],
      ['clean', 'cancelled'],
    ])
    const end = describeEnd({ target: 'Deploy', ...FAILED, results })
    expect(end.outcome.statusLabel).toBe('Failed at "build", "test"')
    expect(end.message).toContain('\n  build: failure\n  test: timed_out\n  deploy: skipped\n')
  })

  it.each([
    ['cancelled', githubOutcome('cancelled')],
    ['canceled', gitlabOutcome('canceled')],
  ])('of a run that was %s names no job', (conclusion, outcome) => {
    if (!outcome) throw new Error('ends')
    const end = describeEnd({
      target: 'Deploy',
      conclusion,
      outcome,
      jobs: [{ name: 'deploy', step: 'wait' }],
    })
    expect(end.outcome).toMatchObject({ statusLabel: 'Cancelled', cancelled: true })
    expect(end.message).not.toContain('wait')
  })

  it('is one line for each job, whatever its name', () => {
    const end = describeEnd({
      target: 'a\nb',
      ...FAILED,
      jobs: [{ name: 'x\n::error::y', step: '\u001b[31mred\u0007' }],
      results: new Map([['j\r\nk', 'failure']]),
    })
    expect(end.message.split('\n')).toHaveLength(4)
    expect(`${end.message}${end.outcome.statusLabel}`.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })
})

describe('which job failed', () => {
  function job(name: string, conclusion: string | null, more: Partial<JobRecord> = {}): JobRecord {
    return { name, conclusion, ...more }
  }

  it('is what failed or timed out: nothing that was cancelled, skipped or may fail', () => {
    const jobs = [
      job('a', 'success'),
      job('b', 'cancelled'),
      job('c', 'skipped'),
      job('d', 'failed', { mayFail: true }),
      job('e', 'timed_out'),
      job('f', 'failure'),
      job('g', 'failed', { reason: 'script_failure' }),
      job('h', null),
      job('i', 'action_required'),
    ]
    expect(failedJobs(jobs)).toEqual([
      { name: 'e' },
      { name: 'f' },
      { name: 'g', reason: 'script_failure' },
    ])
  })

  it('is told in the order of time, whatever the order of the list', () => {
    const jobs = [
      job('newest', 'failed', { finishedAt: '2026-01-01T00:03:00Z' }),
      job('unknown', 'failed'),
      job('middle', 'failed', { finishedAt: '2026-01-01T02:02:00.500+02:00' }),
      job('oldest', 'failed', { finishedAt: '2026-01-01T00:01:00Z' }),
    ]
    expect(failedJobs(jobs).map(({ name }) => name)).toEqual([
      'oldest',
      'middle',
      'newest',
      'unknown',
    ])
  })

  it('is at its first step that failed, not at what follows', () => {
    const steps = [
      { name: 'optional', conclusion: 'success' },
      { name: 'apply', conclusion: 'failure', url: 'https://ci.example/1#step:2:1' },
      { name: 'clean up', conclusion: 'failure' },
      { name: 'stop', conclusion: 'cancelled' },
    ]
    const failed = job('deploy', 'failure', { url: 'https://ci.example/1', steps })
    const expected = { name: 'deploy', step: 'apply', url: 'https://ci.example/1#step:2:1' }
    expect(failedJobs([failed])).toEqual([expected])
    expect(failedStepOf({ ...failed, conclusion: null })).toEqual(expected)
    expect(failedStepOf(job('deploy', null, { steps: steps.slice(0, 1) }))).toBeUndefined()
  })

  it('is ordered by the step that failed, because a job can go on after it', () => {
    const jobs = [
      job('long', 'failure', {
        finishedAt: '2026-01-01T00:09:00Z',
        steps: [{ name: 'x', conclusion: 'failure', finishedAt: '2026-01-01T00:01:00Z' }],
      }),
      job('short', 'failure', { finishedAt: '2026-01-01T00:02:00Z' }),
    ]
    expect(failedJobs(jobs)[0]?.name).toBe('long')
  })
})

describe('a label for Port', () => {
  it.each(['Success', '', 'x'.repeat(60)])('stays as it is if it is short: %j', (label) => {
    expect(shortLabel(label)).toBe(label)
  })

  it('is cut to 60 characters', () => {
    expect(shortLabel(`Failed: ${'job, '.repeat(20)}end`)).toMatch(/^Failed: job, .*…$/)
    expect(shortLabel('x'.repeat(61))).toHaveLength(60)
  })

  it('keeps its closing quotation mark', () => {
    const label = shortLabel(`Failed at "${'step '.repeat(20)}"`)
    expect(label).toMatch(/^Failed at "step .*…"$/)
    expect(label).toHaveLength(60)
    expect(shortLabel(`Failed at "${'a'.repeat(20)}", "b", ${'c'.repeat(60)}`)).toMatch(/c…$/)
  })

  it('is never cut within a character', () => {
    for (const length of [58, 59, 60, 61]) {
      expect(shortLabel('x'.repeat(length % 2) + '🚀'.repeat(length)).isWellFormed()).toBe(true)
    }
    expect(shortLabel('🚀'.repeat(40))).not.toContain('\uFFFD')
  })
})
