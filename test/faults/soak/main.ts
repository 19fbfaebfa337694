// A thousand dispatches with faults, outages and signals at random moments; SOAK_SEED repeats one of them.
import { violations } from '../audit.ts'
import type { Backend } from '../machine.ts'
import { Random } from '../random.ts'
import { FAULTS, type FaultName, isLost, type Process, run, type Schedule } from '../schedule.ts'
import { soakProcesses, stopViolations } from './real.ts'

const DISPATCHES = 1_000
const BY_PROCESSES = 100
const MINUTE = 60_000
const FAULT_NAMES = Object.keys(FAULTS) as [FaultName, ...FaultName[]]

const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 1e9))
const random = new Random(seed)
const begin = performance.now()
const rows = new Map<string, number[]>()
const broken: string[] = []

process.stdout.write(`Soak of ${DISPATCHES} dispatches, SOAK_SEED=${seed}\n`)
for (let left = DISPATCHES - BY_PROCESSES; left > 0; ) {
  const schedule = randomSchedule(Math.min(left, 1 + Math.floor(random.upTo(30))))
  left -= schedule.processes.length
  const outcomes = await run(schedule)
  broken.push(...violations(outcomes))
  for (const outcome of outcomes) {
    const { backend, signal } = outcome.process
    if (isLost(outcome)) broken.push(`${outcome.id} was left as "${outcome.label}"`)
    count(`${backend} ${signal?.name ?? ''}`, { ...outcome, isLost: isLost(outcome) })
  }
}
const real = await soakProcesses(BY_PROCESSES, random)
broken.push(...violations(real), ...stopViolations(real))
for (const outcome of real) {
  const { backend, signal, status } = outcome
  const lost = signal === 'none' && status === 'IN_PROGRESS'
  if (lost) broken.push(`${outcome.id} was left as "${outcome.label}"`)
  count(`${backend} process ${signal === 'none' ? '' : signal}`, { ...outcome, isLost: lost })
}
print()
process.exitCode = broken.length > 0 ? 1 : 0

function randomSchedule(processes: number): Schedule {
  const skew = () => random.pick([-15 * MINUTE, 0, 15 * MINUTE])
  const from = random.upTo(MINUTE)
  return {
    names: random.pick(['yes', 'no', 'refuses']),
    marked: random.chance(0.6),
    skew: skew(),
    processes: Array.from(
      { length: processes },
      (): Process => ({
        backend: random.pick<Backend>(['GITHUB', 'GITLAB']),
        at: random.upTo(MINUTE),
        skew: skew(),
        createdAfter: random.upTo(20_000),
        lag: random.upTo(MINUTE),
        duration: random.upTo(3 * MINUTE),
        signal: random.chance(0.3)
          ? { name: random.pick(['SIGTERM', 'SIGKILL']), after: random.upTo(3 * MINUTE) }
          : undefined,
        onCancel: random.pick(['cancel', 'leave']),
        again: random.chance(0.7) ? random.upTo(MINUTE) : undefined,
      }),
    ),
    faults: Array.from({ length: 20 * processes }, () =>
      random.chance(0.15) ? random.pick(FAULT_NAMES) : undefined,
    ),
    outage: random.chance(0.5) ? { from, until: from + 8_000 } : undefined,
  }
}

interface Counted {
  starts: number
  isForeign: boolean
  isLost: boolean
  isUnknown: boolean
  ends: number
  status: string
}

function count(
  name: string,
  { starts, isForeign, isLost: lost, isUnknown, ends, status }: Counted,
) {
  const row = rows.get(name) ?? Array.from({ length: 8 }, () => 0)
  const added = [
    1,
    starts,
    starts > 1,
    isForeign,
    lost || ends > 1,
    status !== 'IN_PROGRESS' && !isUnknown,
    status !== 'IN_PROGRESS' && isUnknown,
    status === 'IN_PROGRESS',
  ]
  rows.set(
    name,
    row.map((value, i) => value + Number(added[i])),
  )
}

function print(): void {
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell, i) => String(cell).padEnd(i === 0 ? 26 : 12)).join('')
  const heads = 'dispatches,started,twice,foreign,lost ends,end known,unknown,left open'.split(',')
  const names = [...rows.keys()].sort()
  const total = heads.map((_, i) =>
    names.reduce((sum, name) => sum + (rows.get(name)?.[i] ?? 0), 0),
  )
  const stops = real.map(({ stoppedAfter = 0 }) => stoppedAfter)
  process.stdout.write(
    [
      line(['', ...heads]),
      ...names.map((name) => line([name, ...(rows.get(name) ?? [])])),
      line(['all', ...total]),
      `Slowest stop after SIGTERM: ${Math.max(...stops)} ms. Took ${Math.round((performance.now() - begin) / 1000)} s.`,
      ...broken,
      '',
    ].join('\n'),
  )
}
