/**
 * What schemas of definitions and configurations are made of, and how a value is checked against one. For the packages of
 * this project: the types are those of valibot.
 */
export { type Checked, check, describe, notValid, validate } from './check.ts'
export {
  anyInvocationMethod,
  anyText,
  described,
  flagTemplate,
  jsonContainer,
  jsonObject,
  object,
  recordOf,
  text,
} from './schemas.ts'
