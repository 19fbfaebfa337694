import { PortDispatchError, type Problem } from '../errors.ts'

/**
 * One thing that makes a template impossible to render.
 *
 * A key's problem has the path that the key itself makes: `body["{{ .a"]`.
 */
export interface TemplateProblem extends Problem {
  /** Where in the template string it is, when it is at a character: a zero-based index. */
  index?: number
}

/** A template that cannot be rendered, with every problem that was found. */
export class TemplateError extends PortDispatchError {
  override readonly name = 'TemplateError'
  readonly problems: readonly TemplateProblem[]

  /** @param problems at least one */
  constructor(problems: readonly TemplateProblem[]) {
    super(
      'INPUT',
      problems
        .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
        .join('\n'),
    )
    this.problems = problems
  }
}
