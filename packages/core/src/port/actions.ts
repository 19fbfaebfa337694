import { isJsonObject, type JsonObject } from '../json.ts'
import { actionIdentifier, path } from './path.ts'
import type { Remedy } from './port-error.ts'
import { type PortRun, readRun } from './port-run.ts'
import type { CallOptions, Session } from './session.ts'

/** What starts a run of an action. */
export interface NewRun {
  /** The user inputs. */
  properties: JsonObject
  /** Identifier of the entity that the action runs on. */
  entity?: string
  /** Email of the user in whose name it runs. */
  runAs?: string
}

const NOT_FOUND: Remedy = {
  status: 404,
  said: /not.?found|no such|does not exist|could not find/i,
  advice:
    'Check the identifier of the action, and that the credentials belong to its organization.',
}

/** The calls of Port's API on actions. */
export class Actions {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /** `GET /v1/actions/{action_identifier}`: the action's definition, as stored. */
  async get(identifier: string, options?: CallOptions): Promise<JsonObject> {
    return await this.#session.call({
      method: 'GET',
      path: path`/v1/actions/${actionIdentifier(identifier)}`,
      what: `read action ${identifier}`,
      remedies: [NOT_FOUND],
      expect: (body) => (isJsonObject(body) && isJsonObject(body.action) ? body.action : undefined),
      ...options,
    })
  }

  /**
   * `POST /v1/actions/{action_identifier}/runs`: starts a run. Sent once: when the response is lost or says 5xx, the
   * PortError's `effect` is `unknown`, because the run may have started.
   */
  async run(identifier: string, run: NewRun, options?: CallOptions): Promise<PortRun> {
    const { properties, entity, runAs } = run
    return await this.#session.call({
      method: 'POST',
      path: path`/v1/actions/${actionIdentifier(identifier)}/runs`,
      query: { run_as: runAs },
      body: { properties, ...(entity !== undefined && { entity }) },
      what: `start a run of action ${identifier}`,
      remedies: [
        { ...NOT_FOUND, advice: 'Check the identifier of the action and of the entity.' },
        {
          status: 422,
          said: /propert|user ?input/i,
          advice: 'Check the properties against the user inputs of the action.',
        },
      ],
      repetition: 'once',
      expect: (body) => (isJsonObject(body) ? readRun(body.run) : undefined),
      ...options,
    })
  }
}
