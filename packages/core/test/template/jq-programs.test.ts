import { describe, expect, it } from 'vitest'
import { JqPrograms } from '../../src/template/index.ts'

const environment = { GITLAB_URL: 'https://gitlab.acme.test', acme_web: 'glptt-secret' }

/** What one program comes to. */
async function run(program: string, value: Parameters<JqPrograms['evaluate']>[0] = null) {
  return (await new JqPrograms([program], { environment }).evaluate(value))(program)
}

describe('jq programs with an environment', () => {
  it('sees a variable by env and by $ENV', async () => {
    expect(await run('env.GITLAB_URL')).toEqual({ type: 'value', value: environment.GITLAB_URL })
    expect(await run('$ENV.acme_web')).toEqual({ type: 'value', value: 'glptt-secret' })
  })

  it('sees a variable whose name is made of the value', async () => {
    const program = '(.group | gsub("/"; "_")) as $g | env[$g + "_" + .project]'
    const value = { group: 'acme', project: 'web' }
    expect(await run(program, value)).toEqual({ type: 'value', value: 'glptt-secret' })
  })

  it('keeps the value apart from the environment', async () => {
    expect(await run('[., (env | length)]', { a: 1 })).toEqual({
      type: 'value',
      value: [{ a: 1 }, 2],
    })
  })

  it('gives the environment to a program that cannot share its document with others', async () => {
    expect(await run('env.acme_web, halt')).toEqual({ type: 'value', value: 'glptt-secret' })
  })

  it('sees no environment where none is given', async () => {
    const program = '[env, $ENV]'
    const lookUp = await new JqPrograms([program]).evaluate(null)
    expect(lookUp(program)).toEqual({ type: 'value', value: [{}, {}] })
  })

  it('evaluates several programs, of which one fails and one has no output', async () => {
    const programs = ['.a', 'error("no")', 'empty', '.a + 1']
    const lookUp = await new JqPrograms(programs, { environment }).evaluate({ a: 1 })
    expect(programs.map((program) => lookUp(program))).toEqual([
      { type: 'value', value: 1 },
      {
        type: 'failure',
        failure: { kind: 'runtime', message: 'no', reason: 'error' },
        value: null,
      },
      { type: 'value', value: undefined },
      { type: 'value', value: 2 },
    ])
  })
})

describe('programs that jq does not accept', () => {
  it('are found before any value is there, with the place', async () => {
    const programs = ['.a | nosuch', '.ok | length', '.b as $x |', '(.c']
    const rejected = await new JqPrograms(programs, { environment }).check()
    expect(rejected.map(({ program }) => program)).toEqual(['.a | nosuch', '.b as $x |', '(.c'])
    expect(rejected[0]).toEqual({
      program: '.a | nosuch',
      message: 'nosuch/0 is not defined',
      offset: 5,
    })
  })

  it('do not include one that only fails for some values', async () => {
    expect(await new JqPrograms(['.a.b.c | tonumber', 'env.X', '$ENV.X']).check()).toEqual([])
  })

  it('never quote the environment', async () => {
    const lookUp = await new JqPrograms(['.a | nosuch(env)'], { environment }).evaluate(null)
    expect(JSON.stringify(lookUp('.a | nosuch(env)'))).not.toContain('glptt-secret')
  })
})
