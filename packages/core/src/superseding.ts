/** A request that newer ones of its kind may replace. */
export interface Supersedable {
  /** Its client counts its requests: they need not arrive in order. */
  readonly number: number
  /** A handler has it. */
  readonly taken: boolean
  begin(): void
  /** A newer one took its place. */
  replaced(): void
}

interface Line {
  current: Supersedable
  next?: Supersedable | undefined
}

/** Of the requests of one kind (of a client, on a topic) one is with a handler at most, and only the newest waits. */
export class Superseding {
  readonly #lines = new Map<string, Line>()

  enter(kind: string, request: Supersedable): void {
    const line = this.#lines.get(kind)
    if (line === undefined) {
      this.#lines.set(kind, { current: request })
      request.begin()
      return
    }
    if (request.number < (line.next ?? line.current).number) {
      request.replaced()
      return
    }
    if (line.current.taken) {
      const old = line.next
      line.next = request
      old?.replaced()
      return
    }
    const old = line.current
    line.current = request
    old.replaced()
    request.begin()
  }

  /** It is over, however it ended. */
  leave(kind: string, request: Supersedable): void {
    const line = this.#lines.get(kind)
    if (line?.next === request) line.next = undefined
    if (line?.current !== request) return
    if (line.next === undefined) {
      this.#lines.delete(kind)
      return
    }
    line.current = line.next
    line.next = undefined
    line.current.begin()
  }
}
