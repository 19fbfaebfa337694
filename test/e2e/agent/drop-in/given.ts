// Runs that installations of port-agent have, and a mapping file of theirs.
import { createCipheriv } from 'node:crypto'
import type { Json } from '@port-dispatch/core'
import { type GivenRun, SECRET } from './place.ts'

const PROPERTIES = {
  service: 'checkout',
  replicas: 3,
  dryRun: true,
  note: 'über “Größe” 🚀',
  tags: ['a', 'b'],
}

/** Without a mapping file. */
export const PLAIN_RUNS: readonly GivenRun[] = [
  { name: 'default', properties: PROPERTIES },
  { name: 'put', method: { method: 'PUT', url: '?from=action&x=1%202' } },
  { name: 'get', method: { method: 'GET' } },
  { name: 'delete', method: { method: 'DELETE' } },
  {
    name: 'synchronized',
    method: { synchronized: true },
    responds: { status: 200, body: { restarted: true } },
  },
  {
    name: 'synchronized-refused',
    method: { synchronized: true },
    responds: { status: 409, body: { why: 'busy' } },
  },
  { name: 'refused', responds: { status: 500, body: { error: 'no disk' } } },
]

/** Which only the topic has: by polling, port-agent claims webhooks. */
export const PIPELINE_RUNS: readonly GivenRun[] = [
  { name: 'pipeline', method: { type: 'GITLAB' }, properties: PROPERTIES },
  {
    name: 'pipeline-of-ref',
    method: { type: 'GITLAB', defaultRef: 'develop' },
    properties: { ref: 'release/1', service: 'cart' },
  },
  {
    name: 'pipeline-without-inputs',
    method: { type: 'GITLAB', defaultRef: 'develop', omitUserInputs: true },
    properties: { service: 'cart' },
  },
]

/** By polling they are claimed elsewhere, which the sandbox does not have. */
export const NODE_RUNS: readonly GivenRun[] = [
  { name: 'node', of: 'node' },
  {
    name: 'node-synchronized',
    of: 'node',
    method: { synchronized: true },
    responds: { status: 200, body: { id: 7 } },
  },
  {
    name: 'node-without-content',
    of: 'node',
    method: { synchronized: true },
    responds: { status: 204 },
  },
  {
    name: 'node-refused',
    of: 'node',
    responds: { status: 409, body: { why: 'busy' } },
  },
]

export const MAPPED_RUNS: readonly GivenRun[] = [
  { name: 'whole', properties: PROPERTIES },
  { name: 'listed', properties: PROPERTIES, method: { synchronized: true } },
  { name: 'no-body' },
  {
    name: 'reported',
    responds: { status: 201, body: { id: 42, url: 'https://ci.example.com/42', ok: true } },
  },
  {
    name: 'reported-failure',
    responds: { status: 422, body: { message: 'no such service' } },
  },
  {
    name: 'decrypted',
    properties: { password: encrypted('hunter2'), list: [encrypted('two')], plain: 'x' },
  },
  { name: 'rest', properties: PROPERTIES },
]

export const MAPPING: Json = [
  { enabled: false, url: '"http://127.0.0.1:9/never"' },
  {
    enabled: '.action == "whole"',
    method: '"PATCH"',
    url: '.payload.action.invocationMethod.url + "/" + (.payload.properties.service | @uri)',
    headers: {
      Authorization: '"Bearer " + env.TARGET_TOKEN',
      'X-Run-Id': '.context.runId',
      'X-Absent': '.nothing.here',
    },
    query: { note: '.payload.properties.note', none: '.nothing', many: '.payload.properties.tags' },
    body: {
      service: '.payload.properties.service',
      nested: { replicas: '.payload.properties.replicas', empty: {} },
      list: ['.payload.properties.tags[1]', '"constant"'],
      count: '.payload.properties | length',
      absent: '.nothing',
    },
  },
  {
    enabled: '.action == "listed"',
    headers: '{"X-All": "of them", "Content-Type": "application/vnd.example+json"}',
    query: '{flag: true, off: false, n: 1.5}',
    body: '{inputs: .payload.properties, "by": .trigger.by.user.email}',
  },
  { enabled: '.action == "no-body"', method: '"DELETE"', body: 'null' },
  {
    enabled: '.action | startswith("reported")',
    report: {
      status: 'if .response.json.ok then "SUCCESS" else null end',
      link: '.response.json.url',
      summary: '"\\(.request.method) gave \\(.response.statusCode): \\(.response.text)"',
      externalRunId: '.response.json.id | tostring',
    },
  },
  {
    enabled: '.action == "decrypted"',
    fieldsToDecryptPaths: [
      'payload.properties.password',
      'payload.properties.list.0',
      'payload.properties.missing',
      'payload.properties.plain',
    ],
    body: '.payload.properties',
  },
  { enabled: true },
]

/** As Port encrypts a secret input; the initialisation vector is fixed, for comparisons. */
function encrypted(text: string): string {
  const iv = Buffer.alloc(16, 7)
  const cipher = createCipheriv('aes-256-gcm', SECRET.slice(0, 32), iv)
  return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString(
    'base64',
  )
}
