import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Started, start } from './start.ts'

let started: Started

beforeEach(async () => {
  started = await start()
})
afterEach(() => started.sandbox.close())

async function open(url: string): Promise<string> {
  const { status, headers, text } = await started.send('GET', url)
  expect([url, status]).toEqual([url, 200])
  expect(headers.get('content-type')).toMatch(/^text\/html/)
  return text
}

test('the links of a workflow run and its jobs open in a browser', async () => {
  const { github, wait } = started
  const inputs = { service: 'cart', environment: 'broken' }
  const path = 'acme/services/actions/workflows/deploy.yml/dispatches'
  const { body } = await github('POST', path, { ref: 'main', inputs, return_run_details: true })
  expect(await open(body.html_url)).toContain('http-equiv="refresh"')
  wait(10)
  const page = await open(body.html_url)
  expect(page).toContain('Deploy cart to broken')
  expect(page).toContain('Error: Process completed with exit code 1.')
  expect(page).not.toContain('http-equiv="refresh"')
  const jobs = await github('GET', `acme/services/actions/runs/${body.workflow_run_id}/jobs`)
  const jobPage = await open(jobs.body.jobs[1].html_url)
  expect(jobPage).toContain('Terraform apply')
  expect(jobPage).not.toContain('Terraform plan')
})

test('the links of a pipeline and its jobs open in a browser', async () => {
  const { gitlab, wait } = started
  const project = encodeURIComponent('acme/platform/provisioning')
  const variables = [{ key: 'ENVIRONMENT', value: 'broken' }]
  const { body } = await gitlab('POST', `${project}/pipeline`, { ref: 'main', variables })
  wait(10)
  expect(await open(body.web_url)).toContain('ERROR: Job failed: exit code 1')
  const jobs = await gitlab('GET', `${project}/pipelines/${body.id}/jobs`)
  expect(await open(jobs.body[0].web_url)).toContain('Posted to #platform')
})

test('the page of a Port run shows what was reported', async () => {
  const { port, sandbox } = started
  const run = '/actions/runs/r_DeployService001'
  await port('PATCH', run, { statusLabel: 'Applying', link: 'https://ci.example/1' })
  await port('POST', `${run}/logs`, { message: 'Terraform has started' })
  const page = await open(`${sandbox.url}/organization/run?runId=r_DeployService001`)
  expect(page).toContain('Applying')
  expect(page).toContain('<a href="https://ci.example/1">')
  expect(page).toContain('Terraform has started')
  expect(await open(sandbox.url)).toContain('r_DeployService001')
})

test('what was sent is shown as text, never run', async () => {
  const { port, sandbox, github } = started
  const run = '/actions/runs/r_DeployService001'
  const script = '<script>alert(1)</script>'
  await port('PATCH', run, { statusLabel: script, link: 'javascript:alert(1)', summary: script })
  await port('POST', `${run}/logs`, { message: script })
  const inputs = { service: script, environment: 'staging' }
  await github('POST', 'acme/services/actions/workflows/deploy.yml/dispatches', {
    ref: 'main',
    inputs,
  })
  const [dispatched] = sandbox.githubRuns('acme/services')
  const pages = [
    await open(`${sandbox.url}/organization/run?runId=r_DeployService001`),
    await open(dispatched?.url ?? ''),
    await open(sandbox.url),
  ]
  for (const page of pages) {
    expect(page).not.toContain('<script')
    expect(page).not.toContain('href="javascript:')
    expect(page).toContain('&lt;script&gt;')
  }
})

test('there is no page where nothing is', async () => {
  const { send, sandbox } = started
  const paths = [
    '/nowhere',
    '/organization/run?runId=r_no',
    '/acme/services/actions/runs/1',
    '/a/b/-/pipelines/1',
    '/%',
  ]
  for (const path of paths) expect((await send('GET', sandbox.url + path)).status).toBe(404)
})

test('every address that the sandbox prints or responds with has a page', async () => {
  const { github, gitlab, port, sandbox, wait } = started
  const inputs = { service: 'cart', environment: 'broken' }
  const dispatches = 'acme/services/actions/workflows/deploy.yml/dispatches'
  const run = await github('POST', dispatches, { ref: 'main', inputs, return_run_details: true })
  const project = encodeURIComponent('acme/platform/provisioning')
  const pipeline = await gitlab('POST', `${project}/pipeline`, { ref: 'main' })
  wait(10)
  for (const path of [
    'acme/services',
    'acme/services/actions/workflows/deploy.yml',
    'acme/services/actions/runs',
    `acme/services/actions/runs/${run.body.workflow_run_id}/jobs`,
    'acme/services/contents/.github/workflows/deploy.yml',
  ]) {
    expect([path, (await github('GET', path)).status]).toEqual([path, 200])
  }
  for (const path of [
    '',
    '/pipelines',
    `/pipelines/${pipeline.body.id}`,
    `/pipelines/${pipeline.body.id}/jobs`,
  ]) {
    expect([path, (await gitlab('GET', project + path)).status]).toEqual([path, 200])
  }
  await port('GET', '/actions/runs/r_DeployService001')
  const addresses = new Set([
    ...Object.values(sandbox.environment).filter((value) => value.startsWith(sandbox.url)),
    ...sandbox.exchanges.flatMap(({ responseBody }) => addressesFor(responseBody, sandbox.url)),
  ])
  expect(addresses.size).toBeGreaterThan(15)
  for (const address of addresses) {
    const { status, headers } = await started.send('GET', address)
    expect([address, status]).toEqual([address, 200])
    expect(headers.get('content-type')).toMatch(/^(text|image)\//)
  }
})

/** The addresses for people in a response, which are those that are not of an API. */
function addressesFor(value: unknown, origin: string): string[] {
  if (typeof value === 'string') {
    const isPage =
      value.startsWith(origin) && !/^\/(api\/v\d|v1)\//.test(value.slice(origin.length))
    return isPage ? [value] : []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((item) => addressesFor(item, origin))
}
