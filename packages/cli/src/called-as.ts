/**
 * What to type to call this command again: what was typed, where npm says so, otherwise its name. Advice that names a
 * command which is not installed would lead to "command not found".
 */
export function calledAs(env: NodeJS.ProcessEnv): string {
  const { npm_command: npm, npm_lifecycle_event: script } = env
  if (npm === 'exec') return 'npx @port-dispatch/cli'
  if (npm === 'run-script' && script === 'port-dispatch') return 'npm run port-dispatch --'
  return 'port-dispatch'
}
