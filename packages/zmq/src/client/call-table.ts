import type { Command } from '@rmq/core'
import type { Quittance } from './exchange.ts'

/** A call that somebody waits for. */
export interface PendingCall {
  readonly number: number
  readonly command: Command
  readonly resolve: (reply: unknown) => void
  readonly reject: (reason: unknown) => void
  /** See `ExchangeOptions`. */
  readonly onQuit: ((how: Quittance) => void) | undefined
  /** The steady clock when it was sent. */
  sentUs: number
}

/** The calls of a link: waiting to be sent, or for their answer. */
export class CallTable {
  readonly #pending = new Map<number, PendingCall>()
  readonly #unsent = new Set<PendingCall>()
  /** Sent calls that the server has not answered, whether somebody waits for that or not. */
  readonly #unanswered = new Map<number, PendingCall['onQuit']>()

  get unanswered(): number {
    return this.#unanswered.size
  }

  add(call: PendingCall): void {
    this.#pending.set(call.number, call)
    this.#unsent.add(call)
  }

  /** The call that waits longest to be sent, now counted as sent. */
  takeUnsent(): PendingCall | undefined {
    for (const call of this.#unsent) {
      this.#unsent.delete(call)
      this.#unanswered.set(call.number, call.onQuit)
      return call
    }
    return undefined
  }

  /** The call that an answer belongs to; undefined where nobody waits for it any more. */
  answered(number: number): PendingCall | undefined {
    const call = this.#pending.get(number)
    this.#pending.delete(number)
    this.#quit(number, 'settled')
    return call
  }

  /**
   * Nobody waits for the call any more.
   * @param keepPlace the server still owes an answer
   * @returns whether it was sent
   */
  abandon(number: number, keepPlace: boolean): boolean {
    const call = this.#pending.get(number)
    if (call === undefined) return false
    this.#pending.delete(number)
    if (this.#unsent.delete(call)) {
      call.onQuit?.('settled')
      return false
    }
    if (!keepPlace) this.#quit(number, 'settled')
    return true
  }

  /** No answer to what was sent can come any more. */
  forgetUnanswered(how: Quittance): void {
    for (const number of [...this.#unanswered.keys()]) this.#quit(number, how)
  }

  rejectAll(reason: unknown): void {
    const calls = [...this.#pending.values()]
    for (const call of this.#unsent) call.onQuit?.('settled')
    this.#pending.clear()
    this.#unsent.clear()
    this.forgetUnanswered('closed')
    for (const call of calls) call.reject(reason)
  }

  #quit(number: number, how: Quittance): void {
    const onQuit = this.#unanswered.get(number)
    this.#unanswered.delete(number)
    onQuit?.(how)
  }
}
