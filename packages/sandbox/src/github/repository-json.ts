import type { ServedRepository } from './run-store.ts'

const TEMPLATES = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
}

const EPOCH = '2024-01-15T09:00:00Z'

export function repositoryApi(origin: string, repository: ServedRepository): string {
  return `${origin}/api/v3/repos/${repository.definition.name}`
}

export function userJson(origin: string, login: string, id: number, type: string) {
  const api = `${origin}/api/v3/users/${login}`
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${origin}/favicon.svg`,
    gravatar_id: '',
    url: api,
    html_url: `${origin}/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type,
    site_admin: false,
  }
}

/** `minimal-repository` of the API description, which runs contain twice. */
export function minimalRepositoryJson(origin: string, repository: ServedRepository) {
  const { name, owner, definition } = repository
  const api = repositoryApi(origin, repository)
  const urls = Object.entries(TEMPLATES).map(([key, path]) => [key, api + path])
  return {
    id: definition.id,
    node_id: `R_${definition.id}`,
    name,
    full_name: definition.name,
    private: true,
    owner: userJson(origin, owner, definition.ownerId, 'Organization'),
    html_url: `${origin}/${definition.name}`,
    description: null,
    fork: false,
    url: api,
    ...Object.fromEntries(urls),
  }
}

export function repositoryJson(origin: string, repository: ServedRepository) {
  const page = `${origin}/${repository.definition.name}`
  return {
    ...minimalRepositoryJson(origin, repository),
    clone_url: `${page}.git`,
    git_url: `${page}.git`,
    ssh_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: repository.defaultBranch,
    archived: false,
    disabled: false,
    visibility: 'private',
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks: 0,
    forks_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    size: 128,
    stargazers_count: 0,
    subscribers_count: 0,
    watchers: 0,
    watchers_count: 0,
    network_count: 0,
    pushed_at: EPOCH,
    created_at: EPOCH,
    updated_at: EPOCH,
  }
}
