import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { COMMAND, runCommand } from '../support/run-command.ts'

const main = await runCommand(['--help'])
const COMMANDS = [...main.stdout.matchAll(/^ {2}([a-z-]+) {2,}/gm)].flatMap(([, name = '']) =>
  ['help', 'options'].includes(name) ? [] : [name],
)

it.concurrent.each(['stdout', 'stderr'] as const)(
  'goes on to its end where nobody reads its %s any more, as behind head',
  async (closed) => {
    const template = { type: 'KAFKA', payload: { a: '{{ nosuch }}', b: 'x'.repeat(200_000) } }
    const child = spawn(
      process.execPath,
      [...COMMAND, 'render', '--action', '-', '--context', 'examples/deploy-service/context.json'],
      { env: { PATH: process.env.PATH } },
    )
    const open = closed === 'stdout' ? child.stderr : child.stdout
    child[closed].destroy()
    child.stdin.end(JSON.stringify(template))
    const [left, [code]] = await Promise.all([text(open), once(child, 'close')])
    expect(left).toContain(closed === 'stdout' ? '1 expression failed' : '"KAFKA"')
    expect(left).not.toContain('EPIPE')
    expect(code).toBe(0)
  },
)

it.runIf(existsSync('/dev/full'))('fails if its output cannot be written', () => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [...COMMAND, 'schema'], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  })
  closeSync(full)
  expect(stderr).toBe('error: The output is lost:\n  standard output: cannot be written (ENOSPC)\n')
  expect(status).toBe(2)
})

it.concurrent.each([
  ['a flag', ['--x\n::error::y']],
  ['a command', ['lint\n::error::y']],
  ['a value', ['render', '--jq-timeout', '5\n##[error]\u001b[31m::y', '--action', 'a']],
  ['a choice', ['lint', 'a', '--format', 'text\r::error::y']],
])('quotes %s so that no runner obeys it', async (_name, args) => {
  const { code, stderr } = await runCommand(args)
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: /)
  expect(stderr).not.toMatch(/^\s*::|##\[|[^\P{Cc}\n]/mu)
})

describe.concurrent('a mistyped name is named before anything else', () => {
  it.each<[string, string[], string]>([
    ['a flag', ['dispatch', '--action', 'no-such.json', '--wiat'], '(Did you mean --wait?)'],
    ['a flag where others are missing', ['dispatch', '--wiat'], '(Did you mean --wait?)'],
    ['a flag beside --help', ['render', '--help', '--contxt', 'x'], '(Did you mean --context?)'],
    ['a flag of a subcommand', ['report', 'finish', '--statu', 'x'], '(Did you mean --status?)'],
    ['a global flag', ['--versoin'], '(Did you mean --version?)'],
    ['a subcommand', ['rendr'], '(Did you mean render?)'],
    ['a subcommand with --help', ['rendr', '--help'], '(Did you mean render?)'],
    ['a subcommand of a subcommand', ['report', 'fnish', '--help'], '(Did you mean finish?)'],
    ['help on it', ['help', 'rendr'], '(Did you mean render?)'],
    ['help on what is like nothing', ['help', 'foo'], "unknown command 'foo'"],
    ['help below a subcommand', ['help', 'report', 'fnish'], '(Did you mean finish?)'],
    ['a choice', ['lint', 'a', '--format', 'sarrif'], '(Did you mean sarif?)'],
    ['an argument', ['schema', 'actoin'], "'actoin' is not a valid 'kind'"],
    ['a short flag', ['-v'], '(Did you mean -V?)'],
    ['a flag with one dash', ['render', '-action', 'a'], '(Did you mean --action?)'],
    ['a flag with a typographic dash', ['render', '—action', 'a'], '(Did you mean --action?)'],
    ['a file without its flag', ['render', 'a.json'], '(Did you mean --action a.json?)'],
    ['the second file', ['render', '--action', 'a', 'c.json'], '(Did you mean --context c.json?)'],
    ['a file behind a switch', ['render', '--strict', 'a.json'], '(Did you mean --action a.json?)'],
    ['a file that init reads', ['init', 'a.yml'], '(Did you mean --from a.yml?)'],
    ['what no flag takes', ['demo', 'x'], "unexpected argument 'x'"],
    [
      'a flag before the command',
      ['--json', 'render', '--action', 'a'],
      '(Did you mean port-dispatch render --json --action a?)',
    ],
    ['an unknown flag before the command', ['--wiat', 'render'], "unknown option '--wiat'"],
  ])('%s', async (_name, args, message) => {
    const env = {
      PORT_DISPATCH_STRICT: 'perhaps',
      PORT_DISPATCH_TIMEOUT: 'soon',
      GITHUB_API_URL: 'x',
    }
    const { code, stdout, stderr } = await runCommand(args, { env })
    expect(stderr).toContain(message)
    expect(stderr.match(/error: /g)).toHaveLength(1)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe.concurrent('commands to type are those that work where they are read', () => {
  it.each([
    ['the command', {}, 'port-dispatch'],
    ['npx', { npm_command: 'exec', npm_lifecycle_event: 'npx' }, 'npx @port-dispatch/cli'],
    [
      'a script of a clone',
      { npm_command: 'run-script', npm_lifecycle_event: 'port-dispatch' },
      'npm run port-dispatch --',
    ],
    [
      'a script of a project',
      { npm_command: 'run-script', npm_lifecycle_event: 'ci' },
      'port-dispatch',
    ],
  ])('started by %s', async (_name, env, name) => {
    const context = 'examples/deploy-service/context.json'
    const deploy = [
      'dispatch',
      '--action',
      'examples/deploy-service/action.json',
      '--context',
      context,
    ]
    const init = ['init', '--from', 'examples/workflows/deploy.yml', '--repo', 'acme/services']
    const shown = await Promise.all([
      runCommand(['lint', '--help'], { env }).then(({ stdout }) => stdout),
      ...[deploy, init, ['lint']].map(async (args) => (await runCommand(args, { env })).stderr),
    ])
    expect(shown).toEqual([
      expect.stringContaining(`\n  ${name} lint actions/\n`),
      expect.stringContaining(` ${name} sandbox --dotenv sandbox.env\n`),
      expect.stringContaining(`check it with: ${name} lint action.json`),
      expect.stringContaining(`Run ${name} lint --help`),
    ])
  })
})

describe.concurrent('the help of each command', () => {
  it('is shown by help NAME as by NAME --help', async () => {
    const shown = await runCommand(['help', 'report', 'finish'])
    expect(shown).toEqual(await runCommand(['report', 'finish', '--help']))
    expect(shown.stdout).toContain('--status <status>')
  })

  it.each(COMMANDS)(
    'of %s has examples with flags that exist, and a page that exists',
    async (name) => {
      const { code, stdout } = await runCommand([name, '--help'])
      expect(code).toBe(0)
      const examples = [...stdout.matchAll(/^ {2}port-dispatch (.*)$/gm)].map(
        ([, text = '']) => text,
      )
      expect(examples.length).toBeGreaterThan(0)
      for (const example of examples) {
        const [, stage = ''] = /^report (\w+)/.exec(example) ?? []
        const help = stage ? (await runCommand([name, stage, '--help'])).stdout : stdout
        expect(example.split(' ')[0]).toBe(name)
        const [flags = ''] = help.split('Examples:')
        for (const [flag] of example.matchAll(/(?<= )--[a-z-]+/g))
          expect(flags).toContain(`${flag}`)
      }
      const [, page = '', anchor] = /blob\/main\/([\w/.-]+)(?:#([\w-]+))?$/m.exec(stdout) ?? []
      expect(existsSync(page), page).toBe(true)
      if (anchor !== undefined) {
        const titles = readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)
        expect(
          [...titles].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-')),
        ).toContain(anchor)
      }
    },
  )
})

describe.concurrent('the page of each command', () => {
  const named = COMMANDS.filter((name) => name !== 'report')
  it.each([...named, 'report start', 'report update', 'report finish'])(
    'lists every flag of %s',
    async (name) => {
      const { stdout } = await runCommand([...name.split(' '), '--help'])
      const [, page = ''] = /blob\/main\/([\w/.-]+)/.exec(stdout) ?? []
      const text = readFileSync(page, 'utf8')
      const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag)
      expect(flags).toContain('--help')
      const own = flags.filter((flag) => flag !== '--help' && flag !== '--version')
      expect(own.filter((flag) => !text.includes(`${flag}`))).toEqual([])
    },
  )
})

describe.concurrent('completion', () => {
  const words = (line: string) => line.split(' ')

  async function complete(shell: string, line: string): Promise<string[]> {
    const given = words(line)
    const { stdout } = await runCommand(
      ['completion-server', '--', ...(shell === 'fish' ? given.filter(Boolean) : given)],
      {
        env: {
          SHELL: shell,
          COMP_CWORD: String(shell === 'fish' ? given.filter(Boolean).length : given.length - 1),
          COMP_LINE: line,
          COMP_POINT: String(line.length),
        },
      },
    )
    return stdout.split('\n').filter(Boolean)
  }

  it.each(['bash', 'zsh', 'fish'])(
    'offers commands, flags, values and files in %s',
    async (shell) => {
      const names = (lines: string[]) => lines.map((line) => line.split(/[:\t]/)[0])
      expect(names(await complete(shell, 'port-dispatch re'))).toEqual(['render', 'report'])
      expect(names(await complete(shell, 'port-dispatch report '))).toEqual(
        expect.arrayContaining(['start', 'update', 'finish']),
      )
      expect(names(await complete(shell, 'port-dispatch dispatch --wait --on-'))).toEqual([
        '--on-cancel',
        '--on-manual',
      ])
      expect(names(await complete(shell, 'port-dispatch dispatch --on-cancel '))).toEqual([
        'cancel',
        'leave',
      ])
      expect(await complete(shell, 'port-dispatch render --action exa')).toEqual([
        '__tabtab_complete_files__',
      ])
      expect(await complete(shell, 'port-dispatch migrate ')).toEqual(['__tabtab_complete_files__'])
    },
  )

  it('works in bash with the script that it prints', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-'))
    try {
      const { stdout } = await runCommand(['completion', 'bash'])
      await writeFile(join(folder, 'completion.bash'), stdout)
      const script = [
        `port-dispatch() { "${process.execPath}" ${COMMAND.map((part) => `"${part}"`).join(' ')} "$@"; }`,
        `source "${join(folder, 'completion.bash')}"`,
        'COMP_WORDS=(port-dispatch dispatch --on-c) COMP_CWORD=2',
        'COMP_LINE="port-dispatch dispatch --on-c" COMP_POINT=29',
        '_port-dispatch_completion',
        'echo "$' + '{COMPREPLY[@]}"; complete -p port-dispatch',
      ].join('\n')
      const shown = await promisify(execFile)('bash', ['--norc', '-c', script])
      expect(shown.stdout).toMatch(
        /^--on-cancel\ncomplete .*-F _port-dispatch_completion port-dispatch/,
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
