// Random expressions of jq over the document below, in the constructs in which its versions differ and in others.
import type { Json } from '../../../src/json.ts'
import type { Random } from '../random.ts'

export const document: Json = {
  a: 1,
  s: 'Abc def',
  n: null,
  l: [3, 1, 2],
  o: { x: 1, y: [1, 2] },
  f: 1.5,
  e: '',
  big: 100000000000000000000,
  small: 0.00001,
  t: '2015-03-05T23:51:47Z',
  u: 'é x',
  w: ' 12 ',
}

type Rule = (grammar: Grammar) => string

const terms: readonly [Rule, ...Rule[]] = [
  () => '.a',
  () => '.s',
  () => '.n',
  () => '.l',
  () => '.o',
  () => '.f',
  () => '.e',
  () => '.big',
  () => '.small',
  () => '.t',
  () => '.u',
  () => '.w',
  () => '.',
  () => '.l[0]',
  () => '.["l"].[1]',
  () => '.l[]',
  () => '.l.[]',
  () => '.o.y[0]?',
  () => '.o["x"]',
  () => '.l[1.5]',
  (g) => `.l[${g.term()}]`,
  (g) => `.l[${g.term()}:]`,
  (g) => `[error(${g.term()})]`,
  (g) => `(${g.term()} # and \\\n + 1\n)`,
  () => '.missing',
  () => '"text"',
  () => '"trim"',
  () => '""',
  () => '"1.0"',
  () => '1',
  () => '0',
  () => '1.0',
  () => '1E2',
  () => '1e17',
  () => 'null',
  () => 'empty',
  (g) => `(${g.query()})`,
  (g) => `[${g.query()}]`,
  (g) => `"x\\(${g.query()})"`,
  (g) => `{trim: ${g.term()}}`,
  (g) => `{a: ${g.expression()}, "b": ${g.term()}}`,
  (g) => `{(${g.term()} | tostring): 1}`,
  (g) => `${g.term()} as $x | $x`,
  (g) => `(${g.expression()} as $x | ${g.expression()})`,
  () => `(1 as $x | {$x, "k": $x})`,
  (g) => `if ${g.expression()} then ${g.query()} else ${g.query()} end`,
  (g) => `if ${g.expression()} then ${g.query()} end`,
  (g) => `(reduce ${g.term()} as $i (0; . + 1))`,
  (g) => `[foreach ${g.term()} as $i (0; . + 1; [$i, .])]`,
  (g) => `(def trim: "mine"; ${g.term()} | trim)`,
  (g) => `(def f(g): g | g; ${g.term()} | f(${g.query()}))`,
  (g) => `try ${g.term()} catch "failed"`,
  (g) => `.o[${g.term()}]?`,
  (g) => `(${g.term()} | ${g.filter()})`,
  (g) => `@base64 "y\\(${g.term()})"`,
  (g) => `@uri "?q=\\(${g.term()})"`,
  (g) => `-${g.term()}`,
]

const filters: readonly [Rule, ...Rule[]] = [
  () => 'tostring',
  ...[
    ...['tojson', 'tonumber', 'length', 'type', 'keys', 'add', 'not', 'ascii_upcase'],
    ...['trim', 'ltrim', 'abs', 'toboolean', 'first', 'last', 'floor', 'sort', 'unique', 'reverse'],
    ...['@json', '@text', '@base64', '@uri', '@urid', '@html', '@sh', '@csv', 'fromjson', 'values'],
    ...[
      'to_entries',
      'leaf_paths',
      'recurse_down',
      'fromdate',
      'todate',
      'mktime',
      'any',
      'explode',
    ],
  ].map((name) => () => name),
  (g) => `ltrimstr(${g.text()})`,
  (g) => `rtrimstr(${g.text()})`,
  (g) => `trimstr(${g.text()})`,
  (g) => `split(${g.text()})`,
  (g) => `join(${g.text()})`,
  (g) => `startswith(${g.text()})`,
  (g) => `index(${g.letter()})`,
  (g) => `rindex(${g.letter()})`,
  (g) => `indices(${g.letter()})`,
  (g) => `test(${g.pattern()})`,
  (g) => `[match(${g.pattern()}; "g").offset]`,
  (g) => `[scan(${g.pattern()})]`,
  (g) => `[scan(${g.pattern()}; "i")]`,
  (g) => `sub(${g.pattern()}; ${g.text()})`,
  (g) => `gsub(${g.pattern()}; ${g.text()})`,
  (g) => `gsub(${g.pattern()}; ${g.text()}; "i")`,
  (g) => `split(${g.pattern()}; null)`,
  (g) => `[splits(${g.pattern()})]`,
  (g) => `[limit(${g.count()}; ${g.query()})]`,
  (g) => `[skip(${g.count()}; ${g.query()})]`,
  (g) => `first(${g.query()})`,
  (g) => `last(${g.query()})`,
  (g) => `nth(${g.count()}; ${g.query()})`,
  (g) => `map(${g.query()})`,
  (g) => `map_values(${g.query()})`,
  (g) => `select(${g.query()})`,
  (g) => `with_entries(${g.query()})`,
  (g) => `add(${g.query()})`,
  () => 'pick(.x)',
  (g) => `has(${g.letter()})`,
  (g) => `(.[]? | select(. != ${g.term()})) |= ${g.query()}`,
  (g) => `.x |= ${g.term()}`,
  (g) => `.x = ${g.term()}`,
]

const operators = ['+', '-', '*', '/', '%', '//', '==', '!=', '<', 'and', 'or'] as const

export class Grammar {
  readonly #random: Random
  #depth = 0

  constructor(random: Random) {
    this.#random = random
  }

  query(): string {
    return this.#nested(() => {
      const kind = this.#random.below(6)
      if (kind === 0) return `${this.query()}, ${this.query()}`
      if (kind < 4) return `${this.expression()} | ${this.filter()}`
      return this.expression()
    })
  }

  expression(): string {
    return this.#nested(() => {
      if (this.#random.below(3) > 0) return this.term()
      return `${this.term()} ${this.#random.pick(operators)} ${this.term()}`
    })
  }

  term(): string {
    return this.#nested(() => this.#random.pick(terms)(this))
  }

  filter(): string {
    return this.#random.pick(filters)(this)
  }

  text(): string {
    return this.#random.pick(['"A"', '"x"', '""', '"-"', '" "', '1', '.', '"\\(1.0)"'])
  }

  letter(): string {
    return this.#random.pick(['"a"', '"x"', '"d"', '"é"'])
  }

  count(): string {
    return this.#random.pick(['0', '1', '2', '-1', '(.a? // 0)', '9'])
  }

  pattern(): string {
    return this.#random.pick([
      '"b"',
      '"[a-z]+"',
      '"x*"',
      '"^A"',
      '"$"',
      '"(?<n>b)?"',
      '" |-"',
      '"\\\\s"',
    ])
  }

  #nested(make: () => string): string {
    if (this.#depth > 5) return this.#random.pick(['.a', '.s', '.', '1', '"x"'])
    this.#depth++
    try {
      return make()
    } finally {
      this.#depth--
    }
  }
}
