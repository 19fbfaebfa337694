// Names and titles that follow from others.

/** `deploy-service` becomes `deploy_service`: letters, digits and `_`. */
export function identifierOf(name: string): string {
  const plain = name.replaceAll(/\W+/g, '_').replaceAll(/^_+|_+$/g, '')
  return plain === '' ? 'action' : plain
}

/** `dry_run`, `dryRun` and `DRY_RUN` become `Dry run`. */
export function titleOf(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase()
  return words === '' ? name : `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** The name of a variable: `dry-run` becomes `DRY_RUN`. */
export function variableOf(name: string): string {
  const plain = name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll(/\W+/g, '_')
  return /^\d/.test(plain) ? `_${plain.toUpperCase()}` : plain.toUpperCase()
}

/** The name of a job: `deploy_service` becomes `deploy-service`. */
export function jobOf(identifier: string): string {
  const plain = identifier
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  if (plain === '') return 'run'
  return /^[a-z]/.test(plain) ? plain : `run-${plain}`
}

/** Text for a line of YAML that GitHub or GitLab reads: on one line, and without what they would replace. */
export function plainText(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\$(?=\{\{|\[\[)/g, '$ ')
    .trim()
}
