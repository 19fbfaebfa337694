// How the backends are reached, as a program gives it. What is missing is reported when it is needed.

/** A secret, or a function that returns the one that is valid now. It is called for each request. */
export type Token = string | TokenSource

/** @param refused the secret that it returned before and that the server did not accept */
export type TokenSource = (refused?: string) => string | Promise<string>

/** The connections of a dispatcher. Only those that are used are needed. */
export interface Connections {
  github?: GithubConnection | undefined
  gitlab?: GitlabConnection | undefined
}

/** How a GitHub is reached: by a token, or by an App, whose tokens are renewed. The App takes precedence. */
export interface GithubConnection {
  token?: Token | undefined
  app?: GithubApp | undefined
  /** Default `https://api.github.com`. */
  apiUrl?: string | undefined
}

/** A GitHub App that acts in place of a token. It must be installed on the organization or user. */
export interface GithubApp {
  /** Its App ID, or its client ID. */
  id: string
  /** Its private key in PEM format; `\n` can stand for line breaks. */
  privateKey: string
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
