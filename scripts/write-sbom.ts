// Writes what the published artifacts are made of into sbom/, as CycloneDX. npm describes the packages of the lock file;
// this chooses those that an artifact ships, which npm's own --omit=dev gets wrong for workspaces.
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { CARRIER, COMPILED_PARTS } from './compiled-into-jq.ts'

const root = resolve(import.meta.dirname, '..')

/** What is bundled into it are its development dependencies. */
const BUNDLED = 'packages/cli'

interface LockEntry {
  name?: string
  version?: string
  link?: boolean
  workspaces?: string[]
  resolved?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

type Lock = Readonly<Record<string, LockEntry>>

interface Component {
  /** name@version */
  'bom-ref': string
  name: string
  [field: string]: unknown
}

interface Sbom {
  metadata: { component: Component }
  components: Component[]
  dependencies: { ref: string; dependsOn: string[] }[]
}

/** @param folder which is emptied first */
export async function writeSboms(folder: string): Promise<void> {
  const { packages: lock } = JSON.parse(
    await readFile(join(root, 'package-lock.json'), 'utf8'),
  ) as { packages: Lock }
  const all = await describeAll()
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const workspace of lock['']?.workspaces ?? []) {
    // The consumers of the tests are not an artifact.
    if (!workspace.startsWith('packages/')) continue
    const paths = closure(lock, workspace)
    const sbom = choose(
      all,
      paths.map((path) => refOf(lock, path)),
    )
    await writeFile(
      join(folder, `${basename(workspace)}.cdx.json`),
      `${JSON.stringify(sbom, null, 2)}\n`,
    )
  }
}

async function describeAll(): Promise<Sbom> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'],
    { cwd: root, maxBuffer: 2 ** 28 },
  )
  return JSON.parse(stdout) as Sbom
}

/** The paths in the lock file of all that a workspace needs to run, itself first. */
function closure(lock: Lock, workspace: string): string[] {
  const found = new Set<string>()
  const open = [workspace]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue
    found.add(path)
    const { dependencies, optionalDependencies, devDependencies } = lock[path] ?? {}
    const names = Object.keys({
      ...dependencies,
      ...optionalDependencies,
      ...(path === workspace && path === BUNDLED && devDependencies),
    })
    for (const name of names) {
      const dependency = locate(lock, path, name)
      if (dependency !== undefined) open.push(dependency)
    }
  }
  return [...found]
}

/** As Node does: in the nearest node_modules, from a package's own on upwards. */
function locate(lock: Lock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    const entry = lock[path]
    if (entry) return entry.link ? entry.resolved : path
    if (folder === '') return undefined
  }
}

function refOf(lock: Lock, path: string): string {
  const { name, version } = lock[path] ?? {}
  return `${name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`
}

/** @param refs of what is shipped, the artifact first */
function choose(all: Sbom, refs: readonly string[]): Sbom {
  const shipped = refs.map((ref) => {
    const component = all.components.find((one) => one['bom-ref'] === ref)
    if (!component) throw new Error(`npm does not describe ${ref}`)
    // npm names workspaces after their folders.
    return { ...component, name: ref.slice(0, ref.lastIndexOf('@')) }
  })
  const [own, ...components] = shipped
  if (!own) throw new Error('nothing is shipped')
  const hasJq = components.some(({ name }) => name === CARRIER)
  return {
    ...all,
    metadata: { ...all.metadata, component: own },
    components: [...components, ...(hasJq ? COMPILED_PARTS.map(describePart) : [])],
    dependencies: all.dependencies
      .filter(({ ref }) => refs.includes(ref))
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: dependsOn.filter((to) => refs.includes(to)),
      })),
  }
}

function describePart({ name, version, license }: (typeof COMPILED_PARTS)[number]): Component {
  return {
    'bom-ref': `${CARRIER}#${name}`,
    type: 'library',
    name,
    ...(version && { version }),
    // CycloneDX 1.5 does not know the identifier "dtoa".
    licenses: [{ license: license === 'dtoa' ? { name: license } : { id: license } }],
    properties: [{ name: 'port-dispatch:compiled-into', value: CARRIER }],
  }
}

if (import.meta.main) await writeSboms(join(root, 'sbom'))
