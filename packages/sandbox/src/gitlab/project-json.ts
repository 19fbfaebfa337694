import type { ProjectDefinition } from '../definition/definition.ts'

/** The address and the default branch of a project. */
export function projectJson(origin: string, project: ProjectDefinition) {
  const [path = '', ...groups] = project.path.split('/').reverse()
  const group = groups.reverse().join('/')
  const page = `${origin}/${project.path}`
  return {
    id: project.id,
    description: null,
    name: path,
    name_with_namespace: project.path.replaceAll('/', ' / '),
    path,
    path_with_namespace: project.path,
    created_at: '2024-01-15T09:00:00.000Z',
    default_branch: project.defaultBranch ?? 'main',
    tag_list: [],
    topics: [],
    http_url_to_repo: `${page}.git`,
    ssh_url_to_repo: `${page}.git`,
    web_url: page,
    readme_url: null,
    avatar_url: null,
    forks_count: 0,
    star_count: 0,
    last_activity_at: '2024-01-15T09:00:00.000Z',
    visibility: 'private',
    namespace: {
      id: project.id + 1,
      name: groups.at(-1) ?? group,
      path: groups.at(-1) ?? group,
      kind: 'group',
      full_path: group,
      parent_id: null,
      avatar_url: null,
      web_url: `${origin}/groups/${group}`,
    },
  }
}
