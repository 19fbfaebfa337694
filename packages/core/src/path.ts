const PLAIN = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u

/** The path of an object's key: `body.name`, `headers["x y"]`. */
export function keyPath(parent: string, key: string): string {
  if (!PLAIN.test(key)) return `${parent}[${JSON.stringify(key)}]`
  return parent === '' ? key : `${parent}.${key}`
}

/** The path of an array's item: `labels[2]`. */
export function itemPath(parent: string, index: number): string {
  return `${parent}[${index}]`
}

/** Writes a path the way people read it: `workflowInputs.labels[2]`, `headers["x y"]`. */
export function formatPath(segments: readonly (string | number)[]): string {
  return segments.reduce<string>(
    (path, segment) =>
      typeof segment === 'number' ? itemPath(path, segment) : keyPath(path, segment),
    '',
  )
}
