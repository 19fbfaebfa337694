// What is rendered: templates as they are written in actions, on trigger data as Port sends it.
import type { Json, JsonObject } from '../../packages/core/src/json.ts'

export interface Row {
  name: string
  template: Json
  contexts: Json[]
  /** A second template, rendered in turn with the first, so that no engine finds its last program. */
  other?: Json
  /** What the measurements are held against, as factors of time. */
  goals: { perCall?: number; native?: number }
}

const names = ['service', 'environment', 'replicas', 'region', 'owner', 'tier', 'language', 'size']

function triggerData(i: number): JsonObject {
  const inputs = Object.fromEntries(names.map((name) => [name, `${name}-${i}`]))
  return {
    inputs: {
      ...inputs,
      replicas: i,
      tags: ['team:pay', 'tier:1', `n:${i}`],
      entity: { identifier: `svc-${i}`, title: `Service ${i}`, properties: { url: 'https://x.y' } },
    },
    trigger: {
      by: { orgId: 'org_1', userId: 'auth0|1', user: { email: `dev${i}@example.com` } },
      origin: 'UI',
      at: '2026-02-03T10:11:12.345Z',
      operation: 'CREATE',
    },
    event: null,
    entity: {
      identifier: `svc-${i}`,
      title: `Service ${i}`,
      properties: {
        language: 'Go',
        url: 'https://git.example.com/org/repo',
        readme: 'x'.repeat(800),
      },
      relations: { system: 'core', owners: ['x', 'y'] },
      team: [],
    },
    action: { identifier: 'scaffold', blueprint: 'service' },
    run: { id: `r_${i}` },
  }
}

function path(i: number): string {
  const name = names[i % names.length]
  return (
    [
      `.inputs.${name}`,
      '.run.id',
      '.trigger.by.user.email',
      `.inputs["${name}"]`,
      '.inputs.tags[0]',
    ][i % 5] ?? '.'
  )
}

function conditional(i: number): string {
  return `if (.inputs | has("${names[i % names.length]}")) then .inputs.${names[i % names.length]} else null end`
}

/** Each is another text, as in templates: engines keep what they compiled. */
function general(i: number): string {
  return (
    [
      `.inputs.tags | map(. + "-${i}") | join(",")`,
      `{name: .inputs.service, n: (.inputs.replicas + ${i})}`,
      `.entity.title | ascii_downcase | gsub(" "; "-") + "-${i}"`,
      `[.entity.relations.owners[] | select(. != "${i}")]`,
      `.trigger.by.user.email | split("@") | .[0] + "${i}"`,
    ][i % 5] ?? '.'
  )
}

function template(expression: (i: number) => string): Json {
  return Object.fromEntries(
    Array.from({ length: 25 }, (_, i) => [`key${i}`, `{{ ${expression(i)} }}`]),
  )
}

const templates = {
  '25 plain paths': template(path),
  '25 general expressions': template(general),
  'a mix as in real actions': template((i) =>
    i % 10 < 6 ? path(i) : i % 10 < 9 ? conditional(i) : general(i),
  ),
}

const goals: Record<string, Row['goals']> = {
  '25 plain paths': { native: 1 / 20 },
  '25 general expressions': { perCall: 1 / 10 },
  'a mix as in real actions': { native: 3 },
}

const other = template((i) => (i % 10 < 6 ? path(i) : i % 10 < 9 ? conditional(i) : general(i + 1)))

const large = { ...triggerData(1), list: Array.from({ length: 700 }, (_, i) => triggerData(i)) }

export const rows: Row[] = [
  ...Object.entries(templates).map(([name, template]) => ({
    name,
    template,
    contexts: [triggerData(1)],
    goals: goals[name] ?? {},
  })),
  ...Object.entries(templates).map(([name, template]) => ({
    name: `${name}, 100 contexts`,
    template,
    contexts: Array.from({ length: 100 }, (_, i) => triggerData(i)),
    goals: { native: 1 },
  })),
  {
    name: 'a mix, two templates in turn',
    template: templates['a mix as in real actions'],
    other,
    contexts: [triggerData(1)],
    goals: { native: 3 },
  },
  {
    name: `a mix on ${(JSON.stringify(large).length / 1e6).toFixed(1)} MB`,
    template: templates['a mix as in real actions'],
    contexts: [large],
    goals: {},
  },
]
