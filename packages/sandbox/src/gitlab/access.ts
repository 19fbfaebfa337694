import { json, Refusal } from '../answer.ts'
import type {
  GitLabAccessToken,
  GitLabDefinition,
  ProjectDefinition,
} from '../definition/definition.ts'
import { refuse } from './refuse.ts'

/** Access control: access tokens by header, projects by ID or path. */
export class GitLabAccess {
  readonly #definition: GitLabDefinition

  constructor(definition: GitLabDefinition) {
    this.#definition = definition
  }

  findProject(idOrPath: string): ProjectDefinition | undefined {
    return this.#definition.projects.find(
      ({ id, path }) => String(id) === idOrPath || path.toLowerCase() === idOrPath.toLowerCase(),
    )
  }

  /** The project of a request that requires an access token. */
  authorize(request: Request, idOrPath: string, needs: 'read' | 'write'): ProjectDefinition {
    const token = this.#token(request)
    // Without a token, a private project does not exist (404), and writing requires authentication (401).
    if (!token && needs === 'write') refuse(401, '401 Unauthorized')
    if (token?.scope === 'read_api' && needs === 'write') insufficientScope()
    const project = this.findProject(idOrPath)
    const sees = token && (token.projects ?? [project?.path]).includes(project?.path ?? '')
    return project && sees ? project : refuse(404, '404 Project Not Found')
  }

  #token(request: Request): GitLabAccessToken | undefined {
    const bearer = request.headers.get('authorization')?.replace(/^Bearer /i, '')
    const given = request.headers.get('private-token') ?? bearer
    if (given === undefined) return undefined
    const known = this.#definition.accessTokens.find(({ token }) => token === given)
    return known ?? refuse(401, '401 Unauthorized')
  }
}

function insufficientScope(): never {
  throw new Refusal(
    json(403, {
      error: 'insufficient_scope',
      error_description:
        'The request requires higher privileges than provided by the access token.',
      scope: 'api',
    }),
  )
}
