import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/** An import of a file of ours by another, from `packages/<name>/src/…` to a file or a package. */
interface Import {
  from: string
  to: string
}

const IMPORT = /^(?:import|export)\s+(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm

const files = readdirSync('packages', { recursive: true, encoding: 'utf8' })
  .map((path) => join('packages', path))
  .filter((path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path))

const imports: Import[] = files.flatMap((from) =>
  [...readFileSync(from, 'utf8').matchAll(IMPORT)].map(([, named = '', loaded = '']): Import => {
    const specifier = named || loaded
    const to = specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : specifier
    return { from, to }
  }),
)

const show = ({ from, to }: Import) => `${from} imports ${to}`

/** The imports from below one path to below another. */
function arrows(from: RegExp, to: RegExp): string[] {
  return imports.filter((one) => from.test(one.from) && to.test(one.to)).map(show)
}

/** The rooms of the dispatcher: the folders of its sources; `index.ts` is the door to them. */
const ROOM = /^packages\/dispatcher\/src\/(?:(flow|backends|host|network)\/|(index)\.ts)/
const roomOf = (path: string) => ROOM.exec(path)?.slice(1).find(Boolean)

const roomArrows = new Set(
  imports.flatMap(({ from, to }) => {
    const [start, end] = [roomOf(from), roomOf(to)]
    return start && end && start !== end ? [`${start} --> ${end}`] : []
  }),
)

/** The circles among imports; each is named by one of its files. */
function circles(edges: readonly { from: string; to: string }[]): string[] {
  const next = new Map<string, string[]>()
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' > '))
    if (done.has(file) || path.includes(file)) return
    for (const to of next.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return found
}

describe('the house', () => {
  it('has sources with imports, which this test reads', () => {
    expect(files.length).toBeGreaterThan(150)
    expect(imports.length).toBeGreaterThan(600)
  })

  it('has a core that imports no other package of the project', () => {
    expect(arrows(/^packages\/core\//, /^@port-dispatch\//)).toEqual([])
  })

  it('has a sandbox that imports nothing but the core', () => {
    expect(arrows(/^packages\/sandbox\//, /^@port-dispatch\/(?!core)/)).toEqual([])
  })

  it('has a dispatcher that imports no face', () => {
    const faces = /^@port-dispatch\/(?!core(\/|$))/
    expect(arrows(/^packages\/dispatcher\//, faces)).toEqual([])
  })

  it('has faces that do not import each other', () => {
    expect(arrows(/^packages\/cli\//, /^@port-dispatch\/github-action/)).toEqual([])
    expect(arrows(/^packages\/github-action\//, /^@port-dispatch\/(cli|sandbox|agent)/)).toEqual([])
  })

  it('has packages that import each other by name, through what they export', () => {
    const crossing = imports.filter(({ from, to }) => {
      const [, own = ''] = /^(packages\/[^/]+\/src\/)/.exec(from) ?? []
      return to.startsWith('packages/') && !to.startsWith(own)
    })
    expect(crossing.map(show)).toEqual([])
  })

  it('has backends that import neither the flow nor the host, and not each other', () => {
    const backends = 'packages/dispatcher/src/backends'
    expect(
      arrows(new RegExp(`^${backends}/`), /^packages\/dispatcher\/src\/(flow|host|index)/),
    ).toEqual([])
    const between = imports.filter(({ from, to }) => {
      const [start, end] = [from, to].map((path) => path.split(`${backends}/`)[1]?.split('/'))
      return start && end && start.length > 1 && end.length > 1 && start[0] !== end[0]
    })
    expect(between.map(show)).toEqual([])
  })

  it('has a host that does not import the flow', () => {
    expect(arrows(/^packages\/dispatcher\/src\/host\//, /dispatcher\/src\/(flow|index)/)).toEqual(
      [],
    )
  })

  it('has a flow that reads nothing from the machine', () => {
    const machine = /^node:|dispatcher\/src\/host/
    expect(arrows(/^packages\/dispatcher\/src\/flow\//, machine)).toEqual([])
  })

  it('has at most 7 arrows between the rooms of the dispatcher, and no circle', () => {
    expect(roomArrows.size).toBeGreaterThan(2)
    expect(roomArrows.size).toBeLessThanOrEqual(7)
    const edges = [...roomArrows].map((arrow) => {
      const [from = '', to = ''] = arrow.split(' --> ')
      return { from, to }
    })
    expect(circles(edges)).toEqual([])
  })

  it('has no file that imports itself over others, types included', () => {
    expect(circles(imports)).toEqual([])
  })

  it('has no module that holds state, except the default pool of jq', () => {
    const state =
      /^(?:export )?(?:let |var |const [^=\n]* = (?:new (?:Map|Set|WeakMap|WeakSet|\w+Pool)\b(?:<[^\n]*>)?\(\)|\[\]|\{\})$)/m
    const holding = files.filter((file) => state.test(readFileSync(file, 'utf8')))
    expect(holding).toEqual(['packages/core/src/template/jq/evaluate.ts'])
  })

  it('is drawn as it is in docs/architecture.md', () => {
    const page = readFileSync('docs/architecture.md', 'utf8')
    const [, drawing = ''] = /```mermaid\n(.*?)```/s.exec(page) ?? []
    const drawn = [...drawing.matchAll(/^\s*(\w+ --> \w+)/gm)].map(([, arrow]) => arrow)
    const between = imports.flatMap(({ from, to }) => {
      const target = /^@port-dispatch\/([^/]+)(\/host)?/.exec(to)
      if (!target) return []
      const [, end = '', host] = target
      return [`${nodeOf(from)} --> ${end === 'dispatcher' ? (host ? 'host' : 'index') : end}`]
    })
    expect(new Set(drawn)).toEqual(new Set([...roomArrows, ...between]))
  })

  it('is described room by room in docs/architecture.md', () => {
    const page = readFileSync('docs/architecture.md', 'utf8')
    const rooms = (folder: string) =>
      readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    for (const { name } of rooms('packages')) expect(page).toContain(`\n### ${name}\n`)
    for (const name of ['core', 'dispatcher']) {
      for (const room of rooms(`packages/${name}/src`))
        expect(page).toContain(`\n**\`${room.name}\`** `)
    }
  })

  it('has the files that docs/architecture.md names', () => {
    const page = readFileSync('docs/architecture.md', 'utf8')
    const named = [...page.matchAll(/`((?:packages|test|docs)\/[^`<>]*)`/g)].map(
      ([, path = '']) => path,
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((path) => !existsSync(path))).toEqual([])
  })
})

/** How the drawing names the package of a file, or its room in the dispatcher. */
function nodeOf(path: string): string | undefined {
  return roomOf(path) ?? path.split('/')[1]?.replace('github-action', 'action')
}
