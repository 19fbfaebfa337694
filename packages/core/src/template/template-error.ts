import { PortDispatchError, type Problem } from '../errors.ts'

/**
 * One thing that makes a template impossible to render.
 *
 * A key's problem has the path that the key itself makes: `body["{{ .a"]`.
 */
export interface TemplateMistake {
  path: string
  message: string
  /** Where in the template string it is, when it is at a character: a zero-based index. */
  index?: number
}

export type TemplateProblem = TemplateMistake & Problem

/** A template that cannot be rendered, with every problem that was found. */
export class TemplateError extends PortDispatchError {
  static override readonly brand: string = 'TemplateError'
  override readonly name = 'TemplateError'
  override readonly problems: readonly TemplateProblem[]

  /** @param mistakes at least one */
  constructor(mistakes: readonly TemplateMistake[]) {
    super(
      'INPUT',
      mistakes
        .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
        .join('\n'),
    )
    this.problems = mistakes.map((mistake) => ({ ...mistake, found: mistake.message }))
  }
}
