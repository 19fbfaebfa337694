// What `docker build` would make of deploy/Dockerfile: its steps, carried out in a folder instead of in containers.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join, posix, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')
/** Where the base image has Node. */
const NODE = '/nodejs/bin/node'

interface Instruction {
  name: string
  text: string
}

export interface Image {
  /** The folder that stands for the file system. */
  root: string
  env: Record<string, string>
  user: string
  workdir: string
  entrypoint: string[]
  command: string[]
  healthcheck: string[]
}

/**
 * Builds the image below a folder.
 *
 * @throws if a step fails, or is of a kind that this does not know
 */
export function buildImage(folder: string): Image {
  const [build = [], final = []] = stages(readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8'))
  const source = join(folder, 'src')
  copyContext(source)
  for (const { name, text } of build) {
    if (name === 'RUN') run(text, source)
    else if (!`FROM WORKDIR /src COPY . .`.includes(`${name} ${text}`) && name !== 'FROM') {
      throw new Error(`Not a step that this test knows: ${name} ${text}`)
    }
  }
  const root = join(folder, 'root')
  const image: Image = {
    root,
    env: {},
    user: '',
    workdir: '/',
    entrypoint: [],
    command: [],
    healthcheck: [],
  }
  for (const instruction of final) apply(instruction, image, source)
  addNode(root)
  // Nobody but its owner can write, and the process is somebody else.
  execFileSync('chmod', ['-R', 'go-w,a+rX', root])
  rmSync(source, { recursive: true })
  return image
}

/** The instructions of each stage, without comments. */
function stages(dockerfile: string): Instruction[][] {
  const instructions = dockerfile
    .replaceAll(/^#.*$/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
      return { name, text }
    })
  const starts = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []))
  return starts.map((start, index) => instructions.slice(start, starts[index + 1]))
}

/** What `.dockerignore` lets into the image: a list of exceptions from `*`, and what is left out of them. */
function copyContext(target: string): void {
  const rules = readFileSync(join(ROOT, 'deploy/Dockerfile.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const kept = rules.flatMap((rule) => (rule.startsWith('!') ? [rule.slice(1)] : []))
  const out = rules.filter((rule) => !rule.startsWith('!') && rule !== '*')
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const file of files.trim().split('\n')) {
    const isIn = kept.some((path) => file === path || file.startsWith(`${path}/`))
    if (!isIn || out.some((path) => isBelow(file, path))) continue
    mkdirSync(dirname(join(target, file)), { recursive: true })
    copyFileSync(join(ROOT, file), join(target, file))
  }
}

function isBelow(file: string, rule: string): boolean {
  const any = /^\*\*\/(\w+)$/.exec(rule)
  return any
    ? file
        .split('/')
        .slice(0, -1)
        .includes(any[1] ?? '')
    : file.startsWith(`${rule}/`)
}

function run(command: string, cwd: string): void {
  const path = `${dirname(process.execPath)}:${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`
  // With what reaches a registry from here: its certificates, a proxy.
  const env = { ...process.env, PATH: path, NPM_CONFIG_AUDIT: 'false', NPM_CONFIG_FUND: 'false' }
  execFileSync('bash', ['-euo', 'pipefail', '-c', command], { cwd, env, stdio: 'pipe' })
}

function apply({ name, text }: Instruction, image: Image, source: string): void {
  switch (name) {
    case 'COPY': {
      const [from, ...rest] = text.startsWith('--from=build ')
        ? text.split(/\s+/)
        : ['', ...text.split(/\s+/)]
      const target = rest.pop() ?? ''
      for (const path of rest)
        copy(join(source, from ? path.replace(/^\/src\//, '') : path), target, image)
      return
    }
    case 'ENV': {
      const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(text) ?? []
      // A value in quotes is what is between them.
      image.env[key] = value.replace(/^"(.*)"$/, '$1')
      return
    }
    case 'WORKDIR':
      image.workdir = text
      return
    case 'USER':
      image.user = text
      return
    case 'ENTRYPOINT':
      image.entrypoint = JSON.parse(text)
      return
    case 'CMD':
      image.command = JSON.parse(text)
      return
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(text.replace(/^.*?CMD /, ''))
      return
    case 'FROM':
    case 'EXPOSE':
      return
    default:
      throw new Error(`Not an instruction that this test knows: ${name}`)
  }
}

/** A folder's contents, or a file, under the name that is given or its own below a name that ends with `/`. */
function copy(from: string, target: string, { root, workdir }: Image): void {
  const place = join(root, posix.resolve(workdir, target))
  const isFolder = target.endsWith('/')
  const to = isFolder ? join(place, basename(from)) : place
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true, verbatimSymlinks: true })
}

/** Node and the libraries that it is linked with, which the base image has. */
function addNode(root: string): void {
  const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' })
  const libraries = [...linked.matchAll(/(?:=>\s*)?(\/\S+) \(0x/g)].map(([, path = '']) => path)
  for (const [from, to] of [[process.execPath, NODE], ...libraries.map((path) => [path, path])]) {
    if (from === undefined || to === undefined) continue
    mkdirSync(dirname(join(root, to)), { recursive: true })
    copyFileSync(from, join(root, to))
    execFileSync('chmod', ['755', join(root, to)])
  }
}
