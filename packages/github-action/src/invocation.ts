/** The operations that read JSON and YAML, render templates, or talk to GitHub and GitLab. */
export { createRun } from './create-run.ts'
export { decryptInputs } from './decrypt/index.ts'
export { dispatchInvocation } from './invocation/dispatch.ts'
export { renderInvocation } from './invocation/render.ts'
