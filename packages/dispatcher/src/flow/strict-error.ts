import { PortDispatchError } from '@port-dispatch/core'
import type { ExpressionFailure } from '@port-dispatch/core/template'

/** A payload in which expressions failed was refused, as `--strict` asks for. */
export class StrictError extends PortDispatchError {
  static override readonly brand: string = 'StrictError'
  override readonly name = 'StrictError'

  constructor(failures: readonly ExpressionFailure[]) {
    const paths = failures.map(({ path }) => path || 'the root').join(', ')
    super('STRICT', `The payload was refused (--strict): expressions failed at ${paths}.`)
  }
}
