import type { Json, JsonObject } from '@port-dispatch/core'
import { type Finding, RULES, type Severity } from '@port-dispatch/core/lint'
import { pageOf, type Report, sentences } from './report.ts'

const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
}

/**
 * The report as SARIF 2.1.0, which GitHub's code scanning and GitLab's reports read.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 *
 * @param version of this program
 */
export function writeSarif({ findings }: Report, version: string): JsonObject {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'port-dispatch',
            semanticVersion: version,
            informationUri: 'https://github.com/port-dispatch/port-dispatch',
            rules: RULES.map(({ id, severity, summary }) => ({
              id,
              shortDescription: { text: `${summary}.` },
              helpUri: pageOf(id),
              defaultConfiguration: { level: LEVELS[severity] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(toResult),
      },
    ],
  }
}

function toResult(finding: Finding): JsonObject {
  const { rule, severity, file, action, position } = finding
  const region: Json = position
    ? {
        startLine: position.line,
        startColumn: position.column,
        endLine: position.endLine,
        endColumn: Math.max(position.endColumn, 1),
      }
    : { startLine: 1 }
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level: LEVELS[severity],
    message: { text: sentences(finding) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, region },
        ...(action !== undefined && {
          logicalLocations: [{ name: action, fullyQualifiedName: action, kind: 'object' }],
        }),
      },
    ],
  }
}

/** A relative reference, as viewers resolve it against the root of the repository. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').replace(/^\.\//, '')
  return path.split('/').map(encodeURIComponent).join('/')
}
