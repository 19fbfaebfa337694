// What jq 1.6 accepts and reads otherwise, written down in jq 1.8. An expression that uses one of these is evaluated a
// second time with these definitions, so that a note appears where the value differs, and only there.
import type { Use } from './versions.ts'

/** A construct that jq 1.6 accepts and reads otherwise. */
export interface Change extends Use {
  /** What it was in jq 1.6, defined in jq 1.8. What it takes from jq's own goes by the name `jq_…`. */
  definition: string
  /** Whether it can make a difference where it is called like this. */
  matters: (args: readonly string[]) => boolean
}

const always = () => true
const isPositive = (count: string | undefined) => count !== undefined && /^[1-9][0-9]*$/.test(count)

const count = 'def jq_limit($n; f): limit($n; f);'
const limit16 = `${count} def limit($n; f): if $n < 0 then f elif $n == 0 then first(f) else jq_limit($n; f) end;`

/**
 * After a match of nothing jq 1.6 looks on one character after the place where it looked before, not after the match;
 * it stops at the end of the string, and such a match has no captures.
 */
const match16 = [
  'def jq_match($re; $flags): length as $end | [match($re; $flags)] as $all',
  '| def from($at): first($all[] | select(.offset >= $at)) as $match | $match,',
  '(if $match.length == 0 then $at + 1 else $match.offset + $match.length end',
  '| select(. != $end and ($flags // "" | contains("g"))) | from(.));',
  'from(0) | if .length == 0 then .captures = [] else . end;',
].join(' ')
const capture16 =
  '| [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;'
const splits16 = [
  match16,
  'def jq_splits($re; $flags): . as $s',
  '| [jq_match($re; "g" + $flags) | (.offset, .offset + .length)]',
  '| [0] + . + [$s | length] | range(0; length; 2) as $i | $s[.[$i]:.[$i + 1]];',
].join(' ')
/** jq 1.6 looks in what follows a match as if it were a string of its own, again and again. */
const sub16 = [
  match16,
  'def jq_sub($re; s; $flags; $all): def again: . as $in | [jq_match($re; $flags)]',
  '| if length == 0 then $in else .[0] as $edit | ($edit | .offset + .length) as $end',
  '| (reduce ($edit | .captures[] | select(.name != null) | {(.name): .string}) as $pair ({}; . + $pair))',
  '| $in[0:$edit.offset] + s + ($in[$end:]',
  '| if length > 0 and $all then (if $end == 0 then error({jq: "endless"}) else again end) else . end) end; again;',
].join(' ')
const indices16 = [
  'def jq_indices($i): if type == "string" and $i == "" then error({jq: "endless"})',
  'elif type == "string" and ($i | type) == "string" then . as $s',
  '| ($i | utf8bytelength) as $n | reduce (indices($i)[] | $s[:.] | utf8bytelength) as $at',
  '([]; if length == 0 or $at >= .[-1] + $n then . + [$at] else . end) else indices($i) end;',
].join(' ')
const modify16 = [
  'def jq_modify(paths; f): reduce path(paths) as $p',
  '(.; label $out | (setpath($p; getpath($p) | f) | ., break $out), delpaths([$p]));',
].join(' ')

/** Whether a regular expression, as an argument, is known to match one character at least, and not by its place. */
function alwaysMatchesText(arg: string | undefined): boolean {
  if (arg === undefined || !/^"(?:[^"\\]|\\[^(])*"$/.test(arg)) return false
  const pattern = arg
    .slice(1, -1)
    .replace(/\\\\[bBAzZGK]/g, '^')
    .replace(/\\\\?./g, 'x')
  const bare = pattern.replace(/\[\^?[^\]]+\]/g, 'x')
  return /[^()]/.test(bare) && !/[*?{|^$]/.test(bare)
}

const matchesNothing = ([pattern]: readonly string[]) => !alwaysMatchesText(pattern)
const isText = (arg: string | undefined) => arg !== undefined && /^"(?:[^"\\]|\\.)*"$/s.test(arg)
const substitutes = ([pattern, text]: readonly string[]) =>
  !alwaysMatchesText(pattern) || !isText(text)
const canBeEmpty = (filter: string | undefined) =>
  filter === undefined ||
  /\?|\bempty\b|\bselect\b|\[\s*\]|\berror\b|\bsplits\b|\bscan\b|\bmatch\b/.test(filter)

const regularExpressions = { what: 'a regular expression that matches nothing', since: '1.7' }
const substitution = {
  what: 'replacing by a regular expression',
  since: '1.7',
  matters: substitutes,
}
const stringIndex = { what: 'the position in a string', since: '1.8', matters: always }

export const changedFunctions: ReadonlyMap<string, Change> = new Map([
  [
    'limit/2',
    {
      what: '`limit` with a count below 1',
      since: '1.7',
      definition: limit16,
      matters: ([n]) => !isPositive(n),
    },
  ],
  [
    'nth/2',
    {
      what: '`nth` beyond the last value',
      since: '1.7',
      definition: `${count} def nth($n; f): if $n < 0 then error("negative") else reduce jq_limit($n + 1; f) as $x (null; $x) end;`,
      matters: always,
    },
  ],
  [
    'last/1',
    {
      what: '`last` of no value',
      since: '1.8',
      definition: 'def last(f): reduce f as $x (null; $x);',
      matters: always,
    },
  ],
  ...(['ltrimstr', 'rtrimstr'] as const).map((name): [string, Change] => [
    `${name}/1`,
    {
      what: `\`${name}\` on what is not a string`,
      since: '1.8',
      definition: `def jq_${name}($x): ${name}($x); def ${name}($x): if type == "string" and ($x | type) == "string" then jq_${name}($x) else . end;`,
      matters: always,
    },
  ]),
  [
    'tonumber/0',
    {
      what: '`tonumber` on a number with white space around it or zeros at its end',
      since: '1.8',
      definition:
        'def jq_tonumber: tonumber; def tonumber: if type == "string" then trim | jq_tonumber + 0 else jq_tonumber end;',
      matters: always,
    },
  ],
  [
    'fromjson/0',
    {
      what: '`fromjson` of numbers that JSON allows to be written in several ways',
      since: '1.7',
      definition:
        'def jq_fromjson: fromjson; def fromjson: jq_fromjson | walk(if type == "number" then . + 0 else . end);',
      matters: always,
    },
  ],
  ...(['error/0', 'error/1'] as const).map((signature): [string, Change] => [
    signature,
    {
      what: '`error` with null',
      since: '1.7',
      definition:
        'def jq_error($x): error($x); def error($x): if $x == null then empty else jq_error($x) end; def error: error(.);',
      matters: ([message]) => !isText(message),
    },
  ]),
  [
    'input_line_number/0',
    {
      what: '`input_line_number`, which needs an input',
      since: '1.8',
      definition: 'def input_line_number: error("no input");',
      matters: always,
    },
  ],
  ['index/1', { ...stringIndex, definition: `${indices16} def index($i): jq_indices($i) | .[0];` }],
  [
    'rindex/1',
    { ...stringIndex, definition: `${indices16} def rindex($i): jq_indices($i) | .[-1:][0];` },
  ],
  ['indices/1', { ...stringIndex, definition: `${indices16} def indices($i): jq_indices($i);` }],
  [
    'match/1',
    {
      ...regularExpressions,
      definition: `${match16} def match($v): if ($v | type) == "array" then jq_match($v[0]; $v[1]) else jq_match($v; null) end;`,
      matters: matchesNothing,
    },
  ],
  [
    'capture/1',
    {
      ...regularExpressions,
      definition: `${match16} def capture($re): jq_match($re; null) ${capture16}`,
      matters: matchesNothing,
    },
  ],
  [
    'capture/2',
    {
      ...regularExpressions,
      definition: `${match16} def capture($re; $flags): jq_match($re; $flags) ${capture16}`,
      matters: matchesNothing,
    },
  ],
  [
    'match/2',
    {
      ...regularExpressions,
      definition: `${match16} def match($re; $flags): jq_match($re; $flags);`,
      matters: matchesNothing,
    },
  ],
  [
    'scan/1',
    {
      ...regularExpressions,
      definition: `${match16} def scan($re): jq_match($re; "g") | if (.captures | length) > 0 then [.captures[].string] else .string end;`,
      matters: matchesNothing,
    },
  ],
  [
    'splits/1',
    {
      ...regularExpressions,
      definition: `${splits16} def splits($re): jq_splits($re; null);`,
      matters: matchesNothing,
    },
  ],
  [
    'splits/2',
    {
      ...regularExpressions,
      definition: `${splits16} def splits($re; $flags): jq_splits($re; $flags);`,
      matters: matchesNothing,
    },
  ],
  [
    'split/2',
    {
      ...regularExpressions,
      definition: `${splits16} def split($re; $flags): [jq_splits($re; $flags)];`,
      matters: matchesNothing,
    },
  ],
  [
    'sub/2',
    { ...substitution, definition: `${sub16} def sub($re; s): jq_sub($re; s; ""; false);` },
  ],
  [
    'gsub/2',
    { ...substitution, definition: `${sub16} def gsub($re; s): jq_sub($re; s; ""; true);` },
  ],
  [
    'sub/3',
    {
      ...substitution,
      definition: `${sub16} def sub($re; s; $flags): jq_sub($re; s; ($flags | gsub("g"; "")); ($flags | contains("g")));`,
    },
  ],
  [
    'gsub/3',
    {
      ...substitution,
      definition: `${sub16} def gsub($re; s; $flags): jq_sub($re; s; ($flags | gsub("g"; "")); true);`,
    },
  ],
  [
    'map_values/1',
    {
      what: '`map_values` with a filter that has no output',
      since: '1.7',
      definition: `${modify16} def map_values(f): jq_modify(.[]; f);`,
      matters: ([filter]) => canBeEmpty(filter),
    },
  ],
  ...(['mktime/0', 'todate/0', 'strftime/1', 'strflocaltime/1'] as const).map(
    (signature): [string, Change] => {
      const name = signature.slice(0, -2)
      const [params, args] = signature.endsWith('1') ? ['($f)', '($f)'] : ['', '']
      return [
        signature,
        {
          what: `\`${name}\` of a broken down time with fewer than eight parts`,
          since: '1.8',
          definition: `def jq_${name}${params}: ${name}${args}; def ${name}${params}: if type == "array" and length < 8 then error("parts") else jq_${name}${args} end;`,
          matters: always,
        },
      ]
    },
  ),
])

export const multiplication: Change = {
  what: 'a string times a number below 1',
  since: '1.7',
  definition: [
    'def jq_times(a; b): b as $y | a as $x | [$x, $y] | map(type)',
    '| if . == ["string", "number"] or . == ["number", "string"]',
    'then (if .[0] == "string" then [$x, $y] else [$y, $x] end)',
    '| (.[1] - 1 | trunc) as $more | if $more < 0 or $more > 2147483646 then null else .[0] * ($more + 1) end',
    'else $x * $y end;',
  ].join(' '),
  matters: (operands) =>
    !operands.every((operand) => /^[0-9.]+$/.test(operand)) &&
    !operands.some((operand) => operand.startsWith('{') || operand.startsWith('[')),
}

export const remainder: Change = {
  what: '`%` of a number beyond 64 bits',
  since: '1.7',
  definition: [
    'def jq_long: if type == "number" and (isnan or . >= 9223372036854775807 or . < -9223372036854775807)',
    'then -9223372036854775808 else . end;',
    'def jq_rest(a; b): (b | jq_long) as $y | (a | jq_long) as $x | $x % $y;',
  ].join(' '),
  matters: (operands) => !operands.every((operand) => /^[0-9]{1,18}$/.test(operand)),
}

/** Far beyond the end of an array, where there is null. */
export const fraction: Change = {
  what: 'an index that is not a whole number',
  since: '1.7',
  definition: 'def jq_at: if type == "number" and . != trunc then 999999999 else . end;',
  matters: ([index]) => !isText(index) && !/^-?[0-9]+$/.test(index ?? ''),
}

/** To jq 1.6 a format that it does not know is an error where something is formatted. */
export const newFormat = (name: string, since: string): Change => ({
  what: `\`${name}\``,
  since,
  isNew: true,
  definition: '',
  matters: always,
})

export const update: Change = {
  what: '`|=` with a filter that has no output',
  since: '1.7',
  definition: modify16,
  matters: ([, filter]) => canBeEmpty(filter),
}

/** The characters that jq 1.6 leaves as they are. */
export const uri: Change = {
  what: "`@uri` of the characters `!*'()`",
  since: '1.7',
  definition:
    'def jq_uri: gsub("%21"; "!") | gsub("%27"; "\'") | gsub("%28"; "(") | gsub("%29"; ")") | gsub("%2A"; "*");',
  matters: always,
}
