import { InputError } from '@port-dispatch/core'
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

/** What jq's versions make of the expressions is no matter for each run. */
const RENDERING: RenderOptions = { jqCompat: 'off' }

/** The key of a run: runs with the same one are executed in order. Undefined: it has no order. */
export type KeyOf = (work: Work) => Promise<string | undefined>

/**
 * Makes the key of runs from a template, which sees what templates of routes see.
 *
 * @param setting the name of the setting that holds it
 * @throws InputError if it is not a template, or jq does not accept an expression in it
 */
export async function orderBy(template: string, setting: string): Promise<KeyOf> {
  const compiled = await compile(template, setting)
  return async ({ context, message }) => {
    const { value, failures } = await renderTemplate(compiled, { ...context, message }, RENDERING)
    requireEvaluated(failures)
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
