import Ajv from 'ajv'

/**
 * What of SARIF 2.1.0 this project writes, as its JSON schema requires it: strict, so that a field that SARIF does not have
 * is found. https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json
 */
const object = (required: string[], properties: Record<string, unknown>) => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
})
const level = { enum: ['none', 'note', 'warning', 'error'] }
const message = object(['text'], { text: { type: 'string', minLength: 1 } })
const uri = { type: 'string', pattern: "^[\\w.~!$&'()*+,;=:@/%?#-]+$" }
const position = { type: 'integer', minimum: 1 }

const SCHEMA = object(['version', 'runs'], {
  $schema: uri,
  version: { const: '2.1.0' },
  runs: {
    type: 'array',
    items: object(['tool'], {
      tool: object(['driver'], {
        driver: object(['name'], {
          name: { type: 'string' },
          semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
          informationUri: uri,
          rules: {
            type: 'array',
            uniqueItems: true,
            items: object(['id'], {
              id: { type: 'string' },
              shortDescription: message,
              helpUri: uri,
              defaultConfiguration: object([], { level }),
            }),
          },
        }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      results: {
        type: 'array',
        items: object(['message'], {
          ruleId: { type: 'string' },
          ruleIndex: { type: 'integer', minimum: 0 },
          level,
          message,
          locations: {
            type: 'array',
            items: object([], {
              physicalLocation: object(['artifactLocation'], {
                artifactLocation: object([], { uri }),
                region: object([], {
                  startLine: position,
                  startColumn: position,
                  endLine: position,
                  endColumn: position,
                }),
              }),
              logicalLocations: {
                type: 'array',
                items: object([], {
                  name: { type: 'string' },
                  fullyQualifiedName: { type: 'string' },
                  kind: { type: 'string' },
                }),
              },
            }),
          },
        }),
      },
    }),
  },
})

export function sarifProblems(log: unknown): unknown[] {
  const ajv = new Ajv.default({ allErrors: true, strict: false })
  const validate = ajv.compile(SCHEMA)
  return validate(log) ? [] : (validate.errors ?? [])
}
