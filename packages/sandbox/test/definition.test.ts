import {
  DefinitionError,
  defaultDefinition,
  parseSandboxDefinition,
  startSandbox,
} from '@port-dispatch/sandbox'
import { expect, test } from 'vitest'

const yaml = `
github:
  tokens: [{ token: sandbox-mine }]
  repositories:
    - name: me/tools
      id: 12
      ownerId: 3
      defaultBranch: trunk
      workflows:
        hello.yml:
          content: |
            on:
              workflow_dispatch:
                inputs:
                  name: { required: true }
            jobs:
              greet:
                runs-on: ubuntu-latest
                steps:
                  - run: |
                      echo hello
                      echo again
                  - uses: actions/checkout@v5
          plan:
            steps:
              Run echo hello: { seconds: 2, failWhen: { name: [nobody, noone] } }
`

function problemsOf(source: unknown): readonly string[] {
  try {
    parseSandboxDefinition(source)
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems
    throw error
  }
  return []
}

test("a definition is read from YAML, and serves a workflow of one's own", async () => {
  const definition = parseSandboxDefinition(yaml)
  expect(definition.port).toBe(defaultDefinition.port)
  let time = 0
  const sandbox = await startSandbox({ definition, now: () => time })
  const dispatch = (name: string) =>
    fetch(
      `${sandbox.environment.GITHUB_API_URL}/repos/me/tools/actions/workflows/hello.yml/dispatches`,
      {
        method: 'POST',
        headers: { authorization: 'token sandbox-mine' },
        body: JSON.stringify({ ref: 'trunk', inputs: { name } }),
      },
    )
  for (const name of ['you', 'noone']) expect((await dispatch(name)).status).toBe(204)
  time = 60_000
  const runs = sandbox.githubRuns('me/tools')
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(['success', 'failure'])
  expect(runs[0]?.jobs[0]?.steps.map(({ name }) => name)).toEqual([
    'Set up job',
    'Run echo hello',
    'Run actions/checkout@v5',
    'Complete job',
  ])
  await sandbox.close()
})

test('the default definition is one', () => {
  expect(parseSandboxDefinition(JSON.stringify(defaultDefinition))).toEqual(defaultDefinition)
})

test('every problem is named with its path', () => {
  const source = {
    port: { organization: '', credentials: [{ clientId: 'a' }], tokenLifetime: -1, colour: 'red' },
    github: {
      tokens: 'one',
      repositories: [{ name: 'tools', id: 0, ownerId: 1, workflows: { 'a.yml': { content: 1 } } }],
    },
    gitlab: { accessTokens: [{ token: 'a', scope: 'admin' }], projects: [null] },
  }
  expect(problemsOf(source)).toEqual([
    'port.organization: found ""; expected a string that is not empty',
    'port.credentials[0].clientSecret: is missing',
    'port.tokenLifetime: found -1; expected a number of seconds, 0 or more',
    'port.colour: is not a field; expected organization, credentials, tokenLifetime, kafka, actions, nodeRuns, runs',
    'github.tokens: found "one"; expected a list',
    'github.repositories[0].name: found "tools"; expected a full name, "owner/repository"',
    'github.repositories[0].id: found 0; expected a positive whole number',
    'github.repositories[0].workflows["a.yml"].content: found 1; expected a string',
    'gitlab.accessTokens[0].scope: found "admin"; expected one of api, read_api',
    'gitlab.projects[0]: found null; expected an object',
  ])
})

test('a key that is misspelled is compared with those that exist', () => {
  expect(problemsOf({ githbu: {} })).toEqual([
    'githbu: is not a field; expected port, github, gitlab. Did you mean github?',
  ])
})

test('null means that an optional key is absent', () => {
  expect(parseSandboxDefinition('port:\ngithub: null')).toEqual(defaultDefinition)
})

test('names that lead nowhere are problems', () => {
  const { port, github, gitlab } = defaultDefinition
  const [project] = gitlab.projects
  const runs = [{ id: 'r_1', action: 'nope' }]
  expect(problemsOf({ port: { ...port, runs } })).toEqual([
    'port.runs[0].action: there is no action "nope"',
  ])
  const jobs = [{ name: 'a', stage: 'nope' }]
  expect(problemsOf({ gitlab: { ...gitlab, projects: [{ ...project, jobs }] } })[0]).toContain(
    'gitlab.projects[0].jobs[0].stage: "nope" is not one of the stages',
  )
  expect(problemsOf({ gitlab: { ...gitlab, projects: [project, project] } })).toHaveLength(2)
  const repository = (workflow: object) => ({
    github: {
      ...github,
      repositories: [{ ...github.repositories[0], workflows: { 'a.yml': workflow } }],
    },
  })
  const at = 'github.repositories[0].workflows."a.yml"'
  expect(problemsOf(repository({ content: 'on: [' }))[0]).toContain(`${at}.content:`)
  const content = 'on: push\njobs: { a: { steps: [{ name: one }] } }'
  const plan = { steps: { two: {} } }
  expect(problemsOf(repository({ content, plan }))).toEqual([
    `${at}.plan.steps: the workflow has no step "two"; its steps are one`,
  ])
  const needs = 'on: push\njobs: { a: { needs: b } }'
  expect(problemsOf(repository({ content: needs }))[0]).toContain('job a needs b')
})

test('text that is not YAML is refused with its line', () => {
  expect(problemsOf('port: [')[0]).toMatch(/line 1/)
  expect(problemsOf('just text')[0]).toContain('expected an object')
})
