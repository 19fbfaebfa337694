import { PortDispatchError } from '@port-dispatch/core'

/** The process was asked to end before anything was started. */
export class StoppedError extends PortDispatchError {
  static override readonly brand: string = 'StoppedError'
  override readonly name = 'StoppedError'

  constructor(target: string) {
    super('STOPPED', `Stopped before ${target} was started.`)
  }
}
