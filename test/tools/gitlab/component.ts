/** An include of one of this repository's components, as lines of `include:`, with the packed command. */
export function component(
  name: 'report' | 'dispatch' | 'lint',
  tarball: string,
  inputs: Record<string, unknown> = {},
): string {
  const include = [
    {
      component: `$CI_SERVER_FQDN/$CI_PROJECT_PATH/${name}@$CI_COMMIT_SHA`,
      inputs: { package: tarball, ...inputs },
    },
  ]
  // JSON is YAML.
  return `  - ${JSON.stringify(include[0])}\n`
}
