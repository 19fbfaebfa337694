// How the backends are reached, as a program gives it. What is missing is reported when it is needed.

import type { OnWait } from '@port-dispatch/core/http'
import type { PortClient } from '@port-dispatch/core/port'
import type { Environment } from '../network/environment.ts'

/** A secret, or a function that returns the one that is valid now. It is called for each request. */
export type Token = string | TokenSource

/** @param refused the secret that it returned before and that the server did not accept */
export type TokenSource = (refused?: string) => string | Promise<string>

/** The connections of a dispatcher. Only those that are used are needed. */
export interface Connections {
  github?: GithubConnection | undefined
  gitlab?: GitlabConnection | undefined
  webhook?: WebhookConnection | undefined
  kafka?: KafkaConnection | undefined
  /** For entities, for webhooks that call Port, and for the Kafka of Port. */
  port?: PortConnection | undefined
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

/** How webhooks are called. */
export interface WebhookConnection {
  /** PEM texts: authorities to trust besides those of Node, a client certificate, its key. */
  ca?: string | undefined
  cert?: string | undefined
  key?: string | undefined
  passphrase?: string | undefined
  /** `skip`: certificates of receivers are not checked. */
  verification?: 'skip' | undefined
  /** The client secret of Port, which signs the requests. Without one they are not signed. */
  clientSecret?: string | undefined
  /** Milliseconds that one attempt can take. Default 30,000. */
  timeout?: number | undefined
  /**
   * What can be called although its address is refused otherwise, as loopback, link-local and metadata addresses are:
   * `hooks.internal`, `*.internal`, `localhost:8080`, `127.0.0.1`, `169.254.0.0/16`.
   */
  allowHosts?: readonly string[] | undefined
  /**
   * `same-key`: a request whose response was lost, or was a passing failure, is sent again with the same
   * `Idempotency-Key`. Default `never`.
   */
  retry?: 'never' | 'same-key' | undefined
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Default: no proxy. */
  proxies?: Environment | undefined
  /** Called when a request takes long. */
  onWait?: OnWait | undefined
  /** Called with the status of each response, or `failed` if there was none. */
  onResponse?: ((status: number | 'failed') => void) | undefined
  /** Called when a request is about to be sent again. */
  onRetry?: (() => void) | undefined
}

/** How Kafka is reached. Without brokers Port gives the address and the credentials (`GET /v1/kafka-credentials`). */
export interface KafkaConnection {
  /** `host:port` */
  brokers?: readonly string[] | undefined
  username?: string | undefined
  password?: string | undefined
  /** Default `SCRAM-SHA-512`. */
  mechanism?: KafkaMechanism | undefined
  /** Default: `SASL_SSL` with a user name, `SSL` with `ca`, `PLAINTEXT` otherwise. */
  protocol?: KafkaProtocol | undefined
  /** PEM text of an authority to trust instead of those of Node. */
  ca?: string | undefined
  /** Default `{orgId}.runs`, the topic of Port's organization. */
  topic?: string | undefined
  /** The client secret of Port, which signs the messages. Without one they are not signed. */
  clientSecret?: string | undefined
}

export const KAFKA_MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] as const
export type KafkaMechanism = (typeof KAFKA_MECHANISMS)[number]

export const KAFKA_PROTOCOLS = ['SASL_SSL', 'SASL_PLAINTEXT', 'SSL', 'PLAINTEXT'] as const
export type KafkaProtocol = (typeof KAFKA_PROTOCOLS)[number]

/** How Port's own API is reached. */
export interface PortConnection {
  /** The function is called when Port is needed; it can say that there are no credentials. */
  client: PortClient | (() => PortClient | undefined)
}
