// How the backends are reached, as a program gives it. What is missing is reported when it is needed.

/** A secret, or a function that returns the one that is valid now. It is called for each request. */
export type Token = string | (() => string | Promise<string>)

/** The connections of a dispatcher. Only those that are used are needed. */
export interface Connections {
  github?: GithubConnection | undefined
  gitlab?: GitlabConnection | undefined
}

/** How a GitHub is reached. */
export interface GithubConnection {
  token: Token
  /** Default `https://api.github.com`. */
  apiUrl?: string | undefined
}

/** How a GitLab is reached. At least one of the tokens is needed. */
export interface GitlabConnection {
  /** Default `https://gitlab.com`. */
  url?: string | undefined
  /** A token that can read, and without a trigger token also start, pipelines. */
  token?: Token | undefined
  /** A pipeline trigger token of the project. It can start pipelines and nothing else. */
  triggerToken?: Token | undefined
  /** The pipeline trigger token of one project, where there is one for each. */
  triggerTokenOf?: ((project: string) => string | undefined) | undefined
}
