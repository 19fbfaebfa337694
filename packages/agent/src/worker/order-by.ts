import {
  errorPhrase,
  InputError,
  type Json,
  type JsonObject,
  PortDispatchError,
} from '@port-dispatch/core'
import {
  checkTemplate,
  compileTemplate,
  formatFailure,
  type RenderOptions,
  renderTemplate,
  requireEvaluated,
  TemplateError,
} from '@port-dispatch/core/template'
import type { Work } from '../work.ts'

/** The key of a run: runs with the same one are executed in order. Undefined: it has no order. */
export type KeyOf = (work: Work) => Promise<string | undefined>

/**
 * Makes the key of runs from a template, which sees what templates of routes see.
 *
 * @param setting the name of the setting that holds it
 * @param timeout milliseconds of computing for the expressions of one run
 * @returns the key of a run; it throws InputError if jq gives up
 * @throws InputError if it is not a template, or jq does not accept an expression in it
 */
export async function orderBy(template: string, setting: string, timeout?: number): Promise<KeyOf> {
  // What jq's versions make of the expressions is no matter for each run.
  const rendering: RenderOptions = { jqCompat: 'off', ...(timeout !== undefined && { timeout }) }
  const compiled = await compile(template, setting)
  const keyIn = async (seen: JsonObject): Promise<Json | undefined> => {
    try {
      const { value, failures } = await renderTemplate(compiled, seen, rendering)
      requireEvaluated(failures)
      return value
    } catch (error) {
      if (!(error instanceof PortDispatchError)) throw error
      const found = errorPhrase(error)
      throw new InputError('The order of this run cannot be computed:', [{ path: setting, found }])
    }
  }
  return async ({ context, message }) => {
    const value = await keyIn({ ...context, message })
    return value === null || value === undefined || value === '' ? undefined : JSON.stringify(value)
  }
}

async function compile(template: string, setting: string) {
  const refuse = (found: string) =>
    new InputError('The settings are not valid:', [{ path: setting, found }])
  try {
    const compiled = compileTemplate(template)
    const [failure] = await checkTemplate(compiled)
    if (failure) throw refuse(formatFailure(failure))
    return compiled
  } catch (error) {
    throw error instanceof TemplateError ? refuse(error.message) : error
  }
}
