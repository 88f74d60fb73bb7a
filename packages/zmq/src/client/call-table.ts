import type { Command } from '@rmq/core'

/** A call that somebody waits for. */
export interface PendingCall {
  readonly number: number
  readonly command: Command
  readonly resolve: (reply: unknown) => void
  readonly reject: (reason: unknown) => void
  /** The steady clock when it was sent. */
  sentUs: number
}

/** The calls of a link: waiting to be sent, or for their answer. */
export class CallTable {
  readonly #pending = new Map<number, PendingCall>()
  readonly #unsent = new Set<PendingCall>()
  /** Numbers of sent calls that the server has not answered. */
  readonly #unanswered = new Set<number>()

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
      this.#unanswered.add(call.number)
      return call
    }
    return undefined
  }

  /** The call that an answer belongs to; undefined where nobody waits for it any more. */
  answered(number: number): PendingCall | undefined {
    this.#unanswered.delete(number)
    const call = this.#pending.get(number)
    this.#pending.delete(number)
    return call
  }

  /** Nobody waits for the call any more. @param keepPlace the server still owes an answer */
  abandon(number: number, keepPlace: boolean): void {
    const call = this.#pending.get(number)
    if (call === undefined) return
    this.#pending.delete(number)
    this.#unsent.delete(call)
    if (!keepPlace) this.#unanswered.delete(number)
  }

  /** No answer to what was sent can come any more. */
  forgetUnanswered(): void {
    this.#unanswered.clear()
  }

  rejectAll(reason: unknown): void {
    const calls = [...this.#pending.values()]
    this.#pending.clear()
    this.#unsent.clear()
    this.#unanswered.clear()
    for (const call of calls) call.reject(reason)
  }
}
