import { isJsonObject, type Json } from '../json.ts'

/** Keys that only pipelines of GitLab have on top. */
const PIPELINE_KEYS = ['stages', 'include', 'variables', 'workflow', 'default', 'image']
const JOB_KEYS = ['script', 'trigger', 'extends', 'stage', 'rules', 'run']

/**
 * Tells a GitHub workflow from a GitLab pipeline by what is in it.
 *
 * @param documents of the file
 */
export function kindOfFile(documents: readonly Json[]): 'workflow' | 'pipeline' | undefined {
  const [header] = documents
  const main = documents.at(-1)
  if (documents.length > 1 && isJsonObject(header) && isJsonObject(header.spec)) return 'pipeline'
  if (!isJsonObject(main)) return undefined
  if (isJsonObject(main.jobs)) {
    const hasSteps = (job: Json) => isJsonObject(job) && ('runs-on' in job || 'uses' in job)
    // YAML 1.1 takes `on` for true.
    if ('on' in main || 'true' in main || Object.values(main.jobs).some(hasSteps)) return 'workflow'
  }
  if (PIPELINE_KEYS.some((key) => key in main)) return 'pipeline'
  const isJob = (value: Json) =>
    isJsonObject(value) && JOB_KEYS.some((key) => value[key] !== undefined)
  return Object.values(main).some(isJob) ? 'pipeline' : undefined
}
