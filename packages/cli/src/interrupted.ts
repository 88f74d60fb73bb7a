export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** A signal asked the command to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signalName: EndingSignal

  constructor(signalName: EndingSignal) {
    super(`Ended by ${signalName}.`)
    this.signalName = signalName
  }
}
