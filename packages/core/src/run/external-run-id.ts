/**
 * The external run id of a GitHub workflow run, in the form that Port's Ocean integration for GitHub writes, so that
 * both can report on the same run.
 */
export function githubExternalRunId(run: {
  ownerId: number | string
  repositoryId: number | string
  workflowRunId: number | string
}): string {
  return `gh_${run.ownerId}_${run.repositoryId}_${run.workflowRunId}`
}

/** The external run id of a GitLab pipeline, in the form of Port's Ocean integration for GitLab. */
export function gitlabExternalRunId(pipeline: {
  projectId: number | string
  pipelineId: number | string
}): string {
  return `gl_${pipeline.projectId}_${pipeline.pipelineId}`
}
