import type { Json } from '@port-dispatch/core'
import type { Skeleton } from '@port-dispatch/core/init'
import { Document, isMap, isScalar, parse, type Scalar, visit } from 'yaml'

/** The text of a workflow or a pipeline, laid out as people write them. */
export function writeYaml({ documents, comments }: Skeleton): string {
  const texts = documents.map((value, index) => {
    const document = new Document(value)
    if (isMap(document.contents)) {
      for (const [at, { key }] of document.contents.items.entries()) {
        if (at > 0 && isScalar(key) && key.value !== 'run-name') key.spaceBefore = true
      }
    }
    visit(document, {
      Scalar: (_, scalar) => {
        if (scalar.value !== 'on') quote(scalar)
      },
    })
    for (const { path, text } of index === documents.length - 1 ? comments : []) {
      const node = document.getIn(path, true)
      if (isScalar(node)) node.comment = ` ${text}`
    }
    return document.toString({ lineWidth: 0 })
  })
  return texts.join('---\n')
}

/** Quotes what YAML 1.1, which GitLab reads, takes for something other than text: `no`, `1_000`, `2026-01-01`. */
function quote(scalar: Scalar): void {
  if (typeof scalar.value !== 'string' || scalar.value.includes('\n')) return
  let read: Json | Date
  try {
    read = parse(scalar.value, { version: '1.1', logLevel: 'error' })
  } catch {
    // The printer quotes it anyway.
    return
  }
  if (typeof read !== 'string') scalar.type = 'QUOTE_DOUBLE'
}
