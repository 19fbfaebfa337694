import { isJsonObject, type Json } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Draft, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import type { Pipeline, PipelineJob } from '../pipeline/pipeline.ts'

/** The stages of a pipeline that names none, and those that every pipeline has. */
const USUAL_STAGES = ['build', 'test', 'deploy']
const EDGES = ['.pre', '.post']

export const pipelineStructure: Rule<Lintee> = {
  id: 'pipeline-structure',
  severity: 'error',
  summary: 'Jobs of the pipeline name stages and jobs that it has',
  *check({ target }) {
    if (target?.type !== 'pipeline') return
    const { pipeline } = target
    const stages = stagesOf(pipeline)
    for (const job of pipeline.jobs) {
      if (stages) yield* stage(job, stages, pipeline)
      yield* needs(job, pipeline)
    }
  },
}

/** @returns undefined if files that are not known can name others */
function stagesOf({ document, includesUnknown }: Pipeline): string[] | undefined {
  const { stages } = document
  if (stages === undefined || stages === null) return includesUnknown ? undefined : USUAL_STAGES
  if (!Array.isArray(stages)) return undefined
  const names = stages.filter((each) => typeof each === 'string')
  return names.length === stages.length && !names.some(isComputed) ? names : undefined
}

function* stage(
  { name, path, job, inheritsUnknown }: PipelineJob,
  stages: readonly string[],
  { file, own }: Pipeline,
): Generator<Draft> {
  const { stage: named } = job
  const isNamed = named !== undefined && named !== null
  // What only changes a job of an included file has neither.
  if (!isNamed && (inheritsUnknown || !('script' in job || 'trigger' in job || 'run' in job)))
    return
  const text = isNamed ? named : 'test'
  if (typeof text !== 'string' || isComputed(text)) return
  if (stages.includes(text) || EDGES.includes(text)) return
  const written = own[name]
  const isHere = isNamed && isJsonObject(written) && 'stage' in written
  const meant = suggest(text, stages)
  yield {
    file,
    path: isHere ? [...path, 'stage'] : path,
    ...(!isHere && { isKey: true }),
    message: isNamed
      ? `GitLab refuses the pipeline: the stage ${text} of the job ${name} is not one of its stages`
      : `GitLab refuses the pipeline: the job ${name} has no stage, and the default stage test is not one of its stages`,
    advice: meant === undefined ? `Its stages are ${stages.join(', ')}` : `Did you mean ${meant}?`,
  }
}

function* needs(
  { name, path, job, inheritsUnknown }: PipelineJob,
  { file, jobs, own, document }: Pipeline,
): Generator<Draft> {
  // Included jobs have names that are not known here.
  if (inheritsUnknown || document.include !== undefined || !Array.isArray(job.needs)) return
  const written = own[name]
  if (!isJsonObject(written) || !Array.isArray(written.needs)) return
  const names = jobs.map((each) => each.name)
  for (const [index, need] of written.needs.entries()) {
    const needed = jobIn(need)
    if (needed === undefined || isComputed(needed) || names.includes(needed)) continue
    const meant = suggest(needed, names)
    yield {
      file,
      path: [...path, 'needs', index],
      message: `GitLab refuses the pipeline: the job ${name} needs ${needed}, which is not a job`,
      ...(meant !== undefined && { advice: `Did you mean ${meant}?` }),
    }
  }
}

/** The job of the same pipeline that has to be there. */
function jobIn(need: Json): string | undefined {
  if (typeof need === 'string') return need
  if (!isJsonObject(need) || need.optional === true) return undefined
  if ('project' in need || 'pipeline' in need) return undefined
  return typeof need.job === 'string' ? need.job : undefined
}

function isComputed(name: string): boolean {
  return /\$/.test(name)
}
