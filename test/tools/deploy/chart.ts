import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { findTool } from '../../support/find-tool.ts'
import { runProcess } from '../../support/run-process.ts'

export const CHART = resolve(import.meta.dirname, '../../../deploy/helm/port-dispatch-agent')
/** The oldest that Chart.yaml allows, and the newest that there are schemas of. */
export const KUBERNETES = ['1.25', '1.37'] as const

export const helm = findTool('helm', 'go install helm.sh/helm/v3/cmd/helm@v3.19.0') ?? ''
export const validator =
  findTool('kubernetes-validate', 'pip install kubernetes-validate==1.37.0') ?? ''

type Values = Record<string, unknown>

interface EnvVariable {
  name: string
  value?: string
  valueFrom?: unknown
}

interface Named {
  name: string
}

interface Probe {
  httpGet: { path: string; port: string }
}

export interface Container {
  env: EnvVariable[]
  envFrom: { secretRef?: Named }[]
  image: string
  ports: { name: string; containerPort: number }[]
  securityContext: Record<string, unknown>
  volumeMounts?: { name: string; mountPath: string }[]
  startupProbe: Probe
  livenessProbe: Probe
  readinessProbe: Probe
}

interface PodSpec {
  containers: [Container]
  terminationGracePeriodSeconds: number
  securityContext: Record<string, unknown>
  serviceAccountName: string
  volumes?: { name: string; configMap?: Named; secret?: { secretName: string; items: unknown[] } }[]
}

export interface Manifest {
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  data?: Record<string, string>
  spec?: Values
}

export class Rendered {
  readonly manifests: Manifest[]

  constructor(text: string) {
    this.manifests = parseAllDocuments(text)
      .map((document) => document.toJS() as Manifest | null)
      .filter((manifest) => manifest !== null)
  }

  get kinds(): string[] {
    return this.manifests.map(({ kind }) => kind).toSorted()
  }

  find(kind: string): Manifest | undefined {
    return this.manifests.find((manifest) => manifest.kind === kind)
  }

  /** @throws if there is none */
  spec<T>(kind: string): T {
    const spec = this.find(kind)?.spec
    if (!spec) throw new Error(`There is no ${kind}.`)
    return spec as T
  }

  get template(): { metadata: { labels: Record<string, string> }; spec: PodSpec } {
    return this.spec<{ template: Rendered['template'] }>('Deployment').template
  }

  get container(): Container {
    return this.template.spec.containers[0]
  }

  /** What the process in the container sees. */
  get environment(): Record<string, string> {
    const secrets = this.container.envFrom.flatMap(({ secretRef }) => {
      const secret = this.manifests.find(
        ({ kind, metadata }) => kind === 'Secret' && metadata.name === secretRef?.name,
      )
      return Object.entries(secret?.data ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value, 'base64').toString(),
      ])
    })
    const plain = this.container.env.map(({ name, value = '' }) => [name, value])
    return Object.fromEntries([...secrets, ...plain])
  }

  /** The text of a file that the container sees. */
  file(path: string): string | undefined {
    const { volumes = [] } = this.template.spec
    for (const { name, mountPath } of this.container.volumeMounts ?? []) {
      if (!path.startsWith(`${mountPath}/`)) continue
      const source = volumes.find((volume) => volume.name === name)?.configMap?.name
      const map = this.manifests.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === source,
      )
      return map?.data?.[path.slice(mountPath.length + 1)]
    }
    return undefined
  }
}

/** Runs helm with values. */
export async function runHelm(command: 'lint' | 'template', values: Values, release = 'agents') {
  const folder = mkdtempSync(join(tmpdir(), 'chart-'))
  try {
    const file = join(folder, 'values.yaml')
    writeFileSync(file, stringify(values))
    const [, newest] = KUBERNETES
    const options = ['--values', file, '--kube-version', newest]
    const args =
      command === 'lint'
        ? ['lint', '--strict', CHART, ...options]
        : ['template', release, CHART, ...options]
    return await runProcess(helm, args, {
      env: { PATH: process.env.PATH, HOME: folder },
      cwd: folder,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @throws if helm refuses the values */
export async function render(
  values: Values,
  release?: string,
): Promise<Rendered & { text: string }> {
  const { code, stdout, stderr } = await runHelm('template', values, release)
  if (code !== 0) throw new Error(stderr)
  return Object.assign(new Rendered(stdout), { text: stdout })
}

/** What the API of a Kubernetes would say of manifests: unknown fields included. */
export async function refusals(text: string, version: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'))
  try {
    const file = join(folder, 'manifests.yaml')
    writeFileSync(file, text)
    const args = ['--kubernetes-version', version, '--strict', '--quiet', file]
    const { code, stdout, stderr } = await runProcess(validator, args, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      cwd: folder,
    })
    return code === 0 ? '' : stdout + stderr
  } finally {
    rmSync(folder, { recursive: true })
  }
}
