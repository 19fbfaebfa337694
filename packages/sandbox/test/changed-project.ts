import { defaultDefinition, type ProjectDefinition } from '@port-dispatch/sandbox'

/** The default definition with a change to its first GitLab project. */
export function changedProject(change: Partial<ProjectDefinition>) {
  const { gitlab } = defaultDefinition
  const [project] = gitlab.projects
  if (!project) throw new Error('The default definition has no GitLab project')
  return { gitlab: { ...gitlab, projects: [{ ...project, ...change }] } }
}
