// Decides whether a pipeline that Port triggers is created, and whether it has jobs.
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import type { SentValues } from '../sent-values.ts'
import { evaluateCondition, type Variables } from './condition.ts'
import type { Pipeline, PipelineJob } from './pipeline.ts'

/** `CI_PIPELINE_SOURCE`: `trigger` for a trigger token, `api` for an access token. */
export type Source = 'trigger' | 'api'

/** Port's agent has a trigger token. Which API the integration calls is not documented. */
export function sourcesOf(methodType: string | undefined): readonly Source[] {
  return methodType === 'GITLAB' ? ['trigger'] : ['api', 'trigger']
}

/** Variables that GitLab sets in pipelines of merge requests and of other sources only. */
const NEVER_SET = /^CI_(?:MERGE_REQUEST|EXTERNAL_PULL_REQUEST|OPEN_MERGE_REQUESTS)/

/** What is known of the variables of a pipeline that an action starts. */
export function variablesOf(sent: SentValues, source: Source): Variables {
  return (name) => {
    if (name === 'CI_PIPELINE_SOURCE') return { type: 'text', text: source }
    if (name === 'CI_PIPELINE_TRIGGERED') {
      return source === 'trigger' ? { type: 'text', text: 'true' } : { type: 'unset' }
    }
    if (NEVER_SET.test(name)) return { type: 'unset' }
    const value = sent.values.find((candidate) => candidate.name === name)
    if (value?.value.type === 'constant' && value.isAlwaysSent) {
      const { value: constant } = value.value
      const text = typeof constant === 'string' ? constant : JSON.stringify(constant)
      return { type: 'text', text }
    }
    return value?.isAlwaysSent ? { type: 'set' } : { type: 'unknown' }
  }
}

/** @returns undefined if it cannot be told */
export function isCreated({ rules }: Pipeline, variables: Variables): boolean | undefined {
  return rules === undefined ? true : evaluateRules(rules, variables)
}

/** Whether a job is in the pipeline. */
export function isIncluded(
  { job, inheritsUnknown }: PipelineJob,
  variables: Variables,
  source: Source,
): boolean | undefined {
  if (Array.isArray(job.rules)) return evaluateRules(job.rules, variables)
  if (inheritsUnknown) return undefined
  if (job.only === undefined && job.except === undefined) return true
  const only = refsOf(job.only)
  if (only?.every((ref) => isOtherSource(ref, source))) return false
  const except = refsOf(job.except)
  if (except?.includes(source === 'trigger' ? 'triggers' : 'api')) return false
  return undefined
}

function evaluateRules(rules: readonly Json[], variables: Variables): boolean | undefined {
  let isPossible = false
  let isDoubtful = false
  for (const rule of rules) {
    // `!reference` and nested lists.
    if (!isJsonObject(rule)) {
      isPossible = true
      continue
    }
    const matched = matchesRule(rule, variables)
    if (matched === false) continue
    const isNever = rule.when === 'never'
    if (matched === true) return isPossible || (isDoubtful && !isNever) ? undefined : !isNever
    if (isNever) isDoubtful = true
    else isPossible = true
  }
  return isPossible ? undefined : false
}

function matchesRule(rule: JsonObject, variables: Variables): boolean | undefined {
  const { if: condition, changes, exists } = rule
  const isMet = typeof condition === 'string' ? evaluateCondition(condition, variables) : true
  if (isMet === false) return false
  return changes === undefined && exists === undefined ? isMet : undefined
}

/** The refs of `only` or `except`; undefined if there is more to it. */
function refsOf(value: Json | undefined): string[] | undefined {
  const refs = isJsonObject(value) ? value.refs : value
  if (isJsonObject(value) && Object.keys(value).some((key) => key !== 'refs')) return undefined
  if (typeof refs === 'string') return [refs]
  if (!Array.isArray(refs)) return undefined
  return refs.every((ref) => typeof ref === 'string') ? refs : undefined
}

const SOURCES = [
  'merge_requests',
  'schedules',
  'web',
  'pushes',
  'chat',
  'external',
  'external_pull_requests',
  'pipelines',
  'triggers',
  'api',
]

/** Whether an `only` names pipelines that are started in another way. */
function isOtherSource(ref: string, source: Source): boolean {
  return SOURCES.includes(ref) && ref !== (source === 'trigger' ? 'triggers' : 'api')
}
