import type { JsonObject } from '../json.ts'

/** Something about a definition that is often not meant, or that Port reads otherwise today. */
export interface ActionNote {
  type: /** The type of the method is not known here. */
    | 'unknown-type'
    /** A field that an action, its trigger or the type of its method does not have. */
    | 'unknown-key'
    /** A definition of Port's first version, which was converted. */
    | 'old-definition'
    /** A URL to which nothing can be sent. */
    | 'unusable-url'
    /** A header rendered to null. */
    | 'dropped-header'
    /** The identifier of an entity rendered to null. */
    | 'generated-identifier'
  /** Where in the invocation method: `queryParams`. Of a field beside it, where in the action: `trigger.operaton`. */
  path: string
  message: string
  /** What was probably meant instead, if something is near. */
  meant?: string
  /** The action as it is written today. Only of `old-definition`. */
  definition?: JsonObject
}
