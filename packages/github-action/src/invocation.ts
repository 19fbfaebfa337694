/** The operations that read JSON and YAML, render templates, or talk to GitHub and GitLab. */
export { createRun } from './operations/create-run.ts'
export { decryptInputs } from './operations/decrypt.ts'
export { dispatchInvocation } from './operations/dispatch.ts'
export { renderInvocation } from './operations/render.ts'
