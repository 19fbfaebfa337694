import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startSandbox } from '@port-dispatch/sandbox'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { runCommand } from '../../support/run-command.ts'
import { CHART, helm, KUBERNETES, refusals, render, runHelm, validator } from './chart.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const secret = { PORT_CLIENT_ID: 'the-id', PORT_CLIENT_SECRET: 'the-secret' }
const MAPPING = '[{"enabled": true, "url": "\\"https://hooks.internal\\" + .action"}]\n'
const ROUTES = `routes:
  - when: '{{ true }}'
    invocationMethod: {type: WEBHOOK, url: 'https://hooks.internal/{{ .run.id }}'}
`

/** As installations have them. The second is one of port-agent's chart, with its own names. */
const INSTALLATIONS = {
  small: { env: { secret } },
  'of port-agent': {
    image: { repository: 'registry.example.com/agent', tag: '1.2.3', pullPolicy: 'Always' },
    replicaCount: 2,
    imagePullSecrets: [{ name: 'registry' }],
    nameOverride: 'port-agent',
    controlThePayloadConfig: MAPPING,
    secret: { name: 'credentials', useExistingSecret: true },
    podServiceAccount: { name: 'agents' },
    env: {
      normal: {
        GITLAB_URL: 'https://gitlab.com/',
        STREAMER_NAME: 'KAFKA',
        PORT_ORG_ID: 'org_acme',
        PORT_API_BASE_URL: 'https://api.getport.io',
        KAFKA_CONSUMER_GROUP_ID: 'org_acme.agents',
        KAFKA_CONSUMER_SECURITY_PROTOCOL: 'SASL_SSL',
        KAFKA_CONSUMER_AUTHENTICATION_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_CONSUMER_AUTO_OFFSET_RESET: 'largest',
        KAFKA_CONSUMER_SESSION_TIMEOUT_MS: 1_000_000,
        DETAILED_LOGGING: 'true',
        WEBHOOK_VERIFY_SSL: true,
        WEBHOOK_INVOKER_TIMEOUT: 7.5,
      },
    },
    extraLabels: { team: 'platform' },
    podAnnotations: { 'example.com/a': 'b' },
    podSecurityContext: { runAsUser: 1001 },
    containerSecurityContext: {},
    extraVolumes: [{ name: 'more', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
    rolloutStrategy: 'Recreate',
    resources: { requests: { memory: '128Mi', cpu: '100m' }, limits: { memory: '256Mi' } },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    selfSignedCertificate: {
      enabled: true,
      secret: { name: 'ca', key: 'crt', useExistingSecret: true },
    },
  },
  large: {
    source: 'kafka, webhook',
    env: { secret, normal: { PORT_ORG_ID: 'org_acme', PORT_DISPATCH_CONCURRENCY: 100 } },
    config: ROUTES,
    controlThePayloadConfig: MAPPING,
    extraEnv: [
      { name: 'GITHUB_TOKEN', valueFrom: { secretKeyRef: { name: 'github', key: 'token' } } },
    ],
    extraEnvFrom: [{ configMapRef: { name: 'proxies' } }],
    selfSignedCertificate: { enabled: true, certificate: '-----BEGIN CERTIFICATE-----\n' },
    service: { type: 'LoadBalancer', port: 443, targetPort: 8443, annotations: { a: 'b' } },
    operations: { port: 9100 },
    grace: 60,
    autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 12 },
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    networkPolicy: {
      enabled: true,
      webhookFrom: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
      operationsFrom: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
    },
    podDisruptionBudget: { enabled: true, maxUnavailable: '25%' },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
    ],
    priorityClassName: 'high',
  },
} as const

const installations = Object.entries(INSTALLATIONS)

function valuesIn(page: string): Record<string, unknown>[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8')
  const found = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => parse(block))
  if (found.length === 0) throw new Error(`${page} shows no values.`)
  return found
}

/** All names of variables that the agent reads. */
function knownVariables(): Set<string> {
  const folders = ['packages/agent/src', 'packages/dispatcher/src'].map((path) => join(ROOT, path))
  const texts = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  )
  // And one that Node reads.
  return new Set(
    [...texts.join('\n').matchAll(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b/g)]
      .map(String)
      .concat('NODE_EXTRA_CA_CERTS'),
  )
}

describe.skipIf(helm === '')('the chart', () => {
  it.each(installations)('of an installation (%s) is what Helm expects', async (_, values) => {
    expect(await runHelm('lint', values)).toMatchObject({ code: 0 })
  })

  describe.skipIf(validator === '')('is what Kubernetes expects', () => {
    it.each(
      installations.flatMap(([name, values]) =>
        KUBERNETES.map((version) => ({ name, values, version })),
      ),
    )('$version, $name', async ({ values, version }) => {
      const { text } = await render(values)
      // A kind of the Prometheus Operator.
      const known = text.split(/^---$/m).filter((part) => !part.includes('kind: ServiceMonitor'))
      expect(await refusals(known.join('---\n'), version)).toBe('')
    })

    it('which would be seen if it were not so', async () => {
      const { text } = await render(INSTALLATIONS.small)
      expect(await refusals(text.replace('replicas:', 'replica:'), KUBERNETES[1])).toContain(
        'replica',
      )
    })
  })

  it.each(installations)(
    'sets variables that the agent knows, and finds what it refers to (%s)',
    async (name, values) => {
      const rendered = await render(values)
      const known = knownVariables()
      expect(Object.keys(rendered.environment).filter((variable) => !known.has(variable))).toEqual(
        [],
      )

      const { container, template } = rendered
      const ports = new Map(container.ports.map((port) => [port.name, port.containerPort]))
      const listens = (variable: string) =>
        Number(rendered.environment[variable]?.split(':').at(-1))
      expect(ports.get('operations')).toBe(listens('PORT_DISPATCH_OPERATIONS_LISTEN'))
      if (name === 'large') expect(ports.get('webhooks')).toBe(listens('PORT_DISPATCH_LISTEN'))
      else expect(ports.has('webhooks')).toBe(false)
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) {
        expect(ports.has(container[probe].httpGet.port)).toBe(true)
      }
      const { ports: served, selector } = rendered.spec<{
        ports: { targetPort: string }[]
        selector: object
      }>('Service')
      expect(served.every(({ targetPort }) => ports.has(targetPort))).toBe(true)
      expect(template.metadata.labels).toMatchObject(selector)
      const grace = Number.parseInt(rendered.environment.PORT_DISPATCH_GRACE ?? '', 10)
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(grace)

      const names = (kind: string) =>
        rendered.manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name)
      const theirs = ['credentials', 'ca', 'agents']
      for (const { secretRef } of container.envFrom) {
        if (secretRef) expect([...names('Secret'), ...theirs]).toContain(secretRef.name)
      }
      for (const { configMap, secret: volume } of template.spec.volumes ?? []) {
        if (configMap) expect(names('ConfigMap')).toContain(configMap.name)
        if (volume) expect([...names('Secret'), ...theirs]).toContain(volume.secretName)
      }
      expect([...names('ServiceAccount'), ...theirs]).toContain(template.spec.serviceAccountName)
    },
  )

  it('starts an agent that its probes reach', async () => {
    const rendered = await render({
      ...INSTALLATIONS.large,
      source: 'claim,webhook',
      selfSignedCertificate: { enabled: false },
    })
    const { environment, container } = rendered
    const folder = mkdtempSync(join(tmpdir(), 'pod-'))
    /** What the container has below this path. */
    const mounted = (variable: string) => {
      const path = environment[variable] ?? ''
      writeFileSync(join(folder, basename(path)), rendered.file(path) ?? '')
      return { [variable]: join(folder, basename(path)) }
    }
    const sandbox = await startSandbox()
    const operations = await freePort()
    const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const
    const statuses: number[] = []
    await runCommand(['agent'], {
      env: {
        ...environment,
        ...sandbox.environment,
        ...mounted('PORT_DISPATCH_CONFIG'),
        ...mounted('CONTROL_THE_PAYLOAD_CONFIG_PATH'),
        PORT_DISPATCH_OPERATIONS_LISTEN: `127.0.0.1:${operations}`,
        PORT_DISPATCH_LISTEN: `127.0.0.1:${await freePort()}`,
      },
      onSpawn: async (child) => {
        for (const probe of paths) {
          const url = `http://127.0.0.1:${operations}${container[probe].httpGet.path}`
          for (let status = 0; status !== 200 && child.exitCode === null; ) {
            status = await fetch(url).then(
              (response) => response.status,
              () => 0,
            )
            if (status === 200) statuses.push(status)
            else await delay(100)
          }
        }
        child.kill('SIGTERM')
      },
    })
    expect(statuses).toEqual([200, 200, 200])
    await sandbox.close()
  })

  it('takes the values of port-agent and gives its variables, as texts, and its mapping file', async () => {
    const rendered = await render(INSTALLATIONS['of port-agent'])
    const { environment, template, container } = rendered
    expect(environment).toMatchObject({
      STREAMER_NAME: 'KAFKA',
      KAFKA_CONSUMER_SESSION_TIMEOUT_MS: '1000000',
      WEBHOOK_VERIFY_SSL: 'true',
      WEBHOOK_INVOKER_TIMEOUT: '7.5',
    })
    expect(environment).not.toHaveProperty('PORT_DISPATCH_SOURCE')
    expect(rendered.file(environment.CONTROL_THE_PAYLOAD_CONFIG_PATH ?? '')).toBe(MAPPING)
    expect(container.image).toBe('registry.example.com/agent:1.2.3')
    expect(container.envFrom).toEqual([{ secretRef: { name: 'credentials' } }])
    expect(rendered.kinds).not.toContain('Secret')
    expect(rendered.spec('Deployment')).toMatchObject({
      replicas: 2,
      strategy: { type: 'Recreate' },
    })
    expect(template.metadata.labels).toMatchObject({ team: 'platform' })
    expect(template.spec).toMatchObject({
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'a' }],
    })
  })

  it('runs as a user without rights and cannot write, unless other values say so', async () => {
    const { template, container } = await render(INSTALLATIONS.small)
    expect(template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    const dockerfile = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')
    expect(dockerfile).toContain('USER 65532:65532')
  })

  it('keeps secrets out of everything but Secrets', async () => {
    const rendered = await render(INSTALLATIONS.small)
    expect(rendered.environment).toMatchObject(secret)
    expect(rendered.text).not.toContain('the-secret')
    const others = rendered.manifests.filter(({ kind }) => kind !== 'Secret')
    expect(JSON.stringify(others)).not.toContain(Buffer.from('the-secret').toString('base64'))
  })

  it('mounts routes where the agent looks for them, and the certificate that Node reads', async () => {
    const rendered = await render(INSTALLATIONS.large)
    expect(rendered.file(rendered.environment.PORT_DISPATCH_CONFIG ?? '')).toBe(ROUTES)
    const mounts = rendered.container.volumeMounts ?? []
    const certificates = mounts.find(({ name }) => name === 'certificates')
    expect(rendered.environment.NODE_EXTRA_CA_CERTS).toBe(`${certificates?.mountPath}/cert.crt`)
  })

  it('replaces pods when a file or a secret changes', async () => {
    const checksum = async (values: object) =>
      JSON.stringify((await render({ ...INSTALLATIONS.small, ...values })).template.metadata)
    const before = await checksum({})
    expect(await checksum({})).toBe(before)
    expect(await checksum({ config: ROUTES })).not.toBe(before)
    expect(await checksum({ env: { secret: { ...secret, MORE: 'x' } } })).not.toBe(before)
  })

  it('scales by a metric that the agent has', async () => {
    const { metrics, maxReplicas } = (await render(INSTALLATIONS.large)).spec<{
      maxReplicas: number
      metrics: { pods: { metric: { name: string } } }[]
    }>('HorizontalPodAutoscaler')
    expect(maxReplicas).toBe(12)
    const source = readFileSync(join(ROOT, 'packages/agent/src/metrics.ts'), 'utf8')
    const name = metrics[0]?.pods.metric.name ?? ''
    expect(name).toMatch(/^port_dispatch_agent_/)
    expect(source).toContain(name.replace('port_dispatch_agent_', ''))
  })

  it('has its kinds only where they are asked for', async () => {
    const small = ['Deployment', 'PodDisruptionBudget', 'Secret', 'Service', 'ServiceAccount']
    expect((await render(INSTALLATIONS.small)).kinds).toEqual(small)
    expect((await render(INSTALLATIONS.large)).kinds).toEqual(
      [
        ...small,
        'ConfigMap',
        'HorizontalPodAutoscaler',
        'NetworkPolicy',
        'Secret',
        'ServiceMonitor',
      ].toSorted(),
    )
  })

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['credentials are missing', {}, /env\.secret\.PORT_CLIENT_ID is missing\./],
    [
      'an existing Secret has no name',
      { secret: { useExistingSecret: true } },
      /secret\.name is missing/,
    ],
    [
      'pods would be killed too early',
      { env: { secret }, grace: 60, terminationGracePeriodSeconds: 60 },
      /terminationGracePeriodSeconds \(60\) must be more than grace \(60\)/,
    ],
    [
      'an address is set beside its value',
      { env: { secret, normal: { PORT_DISPATCH_LISTEN: ':1' } } },
      /env\.normal\.PORT_DISPATCH_LISTEN: set service\.targetPort instead/,
    ],
    [
      'the source is set twice',
      { source: 'claim', env: { secret, normal: { PORT_DISPATCH_SOURCE: 'kafka' } } },
      /both set/,
    ],
    [
      'a certificate is missing',
      { env: { secret }, selfSignedCertificate: { enabled: true } },
      /selfSignedCertificate\.certificate is missing/,
    ],
    ['a source does not exist', { env: { secret }, source: 'kafk' }, /source/],
    ['a value does not exist', { env: { secret }, replicas: 2 }, /replicas/],
    ['a value has another type', { env: { secret }, replicaCount: 'two' }, /replicaCount/],
  ])('is refused with a reason where %s', async (_, values, reason) => {
    const { code, stderr } = await runHelm('template', values)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(reason)
  })

  it.each(valuesIn('deploy-agent.md'))(
    'takes the values that docs/deploy-agent.md shows (%#)',
    async (values) => {
      expect(await runHelm('lint', values)).toMatchObject({ code: 0 })
      expect((await render(values)).kinds).toContain('Deployment')
    },
  )

  it('has the version of the packages', () => {
    const { version, appVersion } = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))
    const { version: expected } = JSON.parse(
      readFileSync(join(ROOT, 'packages/agent/package.json'), 'utf8'),
    )
    expect({ version, appVersion }).toEqual({ version: expected, appVersion: expected })
  })

  it('names its objects by the release', async () => {
    const nameOf = async (release: string, values = {}) =>
      (await render({ ...INSTALLATIONS.small, ...values }, release)).find('Deployment')?.metadata
        .name
    expect(await nameOf('a')).toBe('a-port-dispatch-agent')
    expect(await nameOf('my-port-dispatch-agent')).toBe('my-port-dispatch-agent')
    expect(await nameOf('a', { fullnameOverride: 'b' })).toBe('b')
  })
})
