import type { Json } from '../json.ts'
import type { JqPool } from '../template/jq/pool.ts'
import { isExcepted } from './config.ts'
import { readExpressions } from './expressions.ts'
import type { Draft, Finding, LintConfig, Rule, Severity } from './finding.ts'
import type { Lintee, Target } from './lintee.ts'
import { RULES } from './rules.ts'
import { readSentValues } from './sent-values.ts'
import { readSubjects, type Subject } from './subject.ts'

/** A file with actions. */
export interface ActionFile {
  /** Its name in findings. */
  file: string
  /** What it holds, parsed. */
  document: Json
}

export interface LintOptions {
  /** Finds the workflow or pipeline that an action starts. Undefined: it is not known, and nothing is said about it. */
  targetOf?: (subject: Subject) => Promise<Target | undefined> | Target | undefined
  config?: LintConfig
  /** The threads that run jq. Default: a pool that everything in this process shares. */
  pool?: JqPool
}

export interface LintResult {
  findings: Finding[]
  /** How many actions were looked at. */
  actions: number
  /** Files that hold no action. */
  withoutActions: string[]
}

/**
 * Finds mistakes in action definitions, alone and against the workflows and pipelines that they start. Runs jq once for all
 * of them, and sends nothing.
 *
 * @param files in the shapes that `parseAction` accepts; lists and workflows of Port hold several actions
 * @returns findings in the order of the files and of the rules; each finding is there once
 */
export async function lint(
  files: readonly ActionFile[],
  { targetOf, config, pool }: LintOptions = {},
): Promise<LintResult> {
  const perFile = files.map(({ file, document }) => ({
    file,
    subjects: readSubjects(file, document),
  }))
  const subjects = perFile.flatMap((each) => each.subjects ?? [])
  const expressions = await readExpressions(subjects, pool)
  const findings = new Map<string, Finding>()
  for (const [index, subject] of subjects.entries()) {
    const own = expressions[index]
    if (!own) continue
    const target = await targetOf?.(subject)
    const lintee: Lintee = { subject, expressions: own, sent: readSentValues(subject, own), target }
    for (const rule of RULES) {
      for (const draft of rule.check(lintee)) {
        const finding = finish(rule, draft, subject, config)
        if (!finding) continue
        const key = JSON.stringify([
          rule.id,
          finding.file,
          finding.path,
          finding.span,
          finding.message,
        ])
        if (!findings.has(key)) findings.set(key, finding)
      }
    }
  }
  return {
    findings: [...findings.values()],
    actions: subjects.length,
    withoutActions: perFile.filter((each) => !each.subjects).map(({ file }) => file),
  }
}

function finish(
  { id, severity: usual }: Rule<Lintee>,
  { severity = usual, file, ...rest }: Draft,
  subject: Subject,
  config: LintConfig | undefined,
): Finding | undefined {
  const configured: Severity | 'off' | undefined = config?.rules?.[id]
  if (configured === 'off') return undefined
  const finding: Finding = {
    rule: id,
    severity: configured ?? severity,
    file: file ?? subject.file,
    ...(subject.identifier !== undefined && { action: subject.identifier }),
    ...rest,
  }
  return config && isExcepted(finding, config) ? undefined : finding
}
