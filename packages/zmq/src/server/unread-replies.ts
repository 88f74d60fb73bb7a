/**
 * What one client has been sent and has not yet said to have read. Each call tells how many replies the client has had;
 * replies arrive in the order of their sending.
 */
export class UnreadReplies {
  /** Bytes by the number of the reply, in the order of sending. */
  readonly #bytesOf = new Map<number, number>()
  #nextNumber = 0
  #confirmed = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** @returns the reply's number */
  add(bytes: number): number {
    this.#bytesOf.set(this.#nextNumber, bytes)
    this.#bytes += bytes
    return this.#nextNumber++
  }

  /** The reply was not sent after all. */
  remove(number: number): void {
    this.#bytes -= this.#bytesOf.get(number) ?? 0
    this.#bytesOf.delete(number)
  }

  /** @param received how many replies the client has had on this connection, in 32 bits */
  confirm(received: number): void {
    let count = (received - this.#confirmed) >>> 0
    // A count that goes back tells nothing.
    if (count > 2 ** 31) return
    this.#confirmed = received
    for (const number of this.#bytesOf.keys()) {
      if (count-- === 0) return
      this.remove(number)
    }
  }
}
