import { json } from '../answer.ts'
import { hash } from '../hash.ts'
import { refuse } from './refuse.ts'
import { repositoryApi } from './repository-json.ts'
import type { ServedRepository } from './run-store.ts'

/** A workflow file, raw or in base64, depending on the `Accept` header. */
export function contents(
  origin: string,
  repository: ServedRepository,
  path: string,
  request: Request,
): Response {
  const ref = new URL(request.url).searchParams.get('ref') ?? repository.defaultBranch
  const name = ref.replace(/^refs\/(heads|tags)\//, '')
  if (![...repository.branches, ...repository.tags].includes(name))
    refuse(404, `No commit found for the ref ${ref}`)
  const workflow = repository.workflows.find(({ file }) => path === `.github/workflows/${file}`)
  if (!workflow) return refuse(404, 'Not Found')

  const { content } = workflow.definition
  const accept = request.headers.get('accept') ?? ''
  if (/vnd\.github\.(v3\.)?raw/.test(accept))
    return new Response(content, {
      headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' },
    })
  const bytes = Buffer.from(content)
  const sha = hash(`blob ${bytes.length}`, content)
  const url = `${repositoryApi(origin, repository)}/contents/${path}?ref=${encodeURIComponent(name)}`
  const git = `${repositoryApi(origin, repository)}/git/blobs/${sha}`
  const html = `${origin}/${repository.definition.name}/blob/${name}/${path}`
  return json(200, {
    name: workflow.file,
    path,
    sha,
    size: bytes.length,
    url,
    html_url: html,
    git_url: git,
    download_url: `${origin}/${repository.definition.name}/raw/${name}/${path}`,
    type: 'file',
    // GitHub wraps base64 after 60 characters.
    content: bytes.toString('base64').replaceAll(/.{1,60}/g, '$&\n'),
    encoding: 'base64',
    _links: { self: url, git, html },
  })
}
