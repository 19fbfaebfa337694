/**
 * Loads what REPORT and PATCH_RUN do without: a bundle of its own, because octokit needs the HTTP client that the others
 * leave out. scripts/build-action.ts builds it beside them.
 */
export async function loadInvocation(): Promise<typeof import('./invocation.ts')> {
  return await import(/* webpackIgnore: true */ './invocation.ts')
}
