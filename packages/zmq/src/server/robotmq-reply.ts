import type { RecordReference } from '@rmq/core'

/** What a reply's frame tells by reference. */
interface Referred {
  readonly references: readonly RecordReference[]
  /** Makes the frame that holds the records' bytes instead; called while they are in place. */
  readonly encodeInline: () => Uint8Array
}

/** The answer to one frame of robotmq's. */
export class RobotmqReply {
  #frame: Uint8Array
  #referred: Referred | undefined

  constructor(frame: Uint8Array, referred?: Referred) {
    this.#frame = frame
    this.#referred = referred
  }

  get frame(): Uint8Array {
    return this.#frame
  }

  get byteLength(): number {
    return this.#frame.byteLength
  }

  /** Whether it keeps records in place. */
  get refers(): boolean {
    return this.#referred !== undefined
  }

  /** Gives the records' memory back. What the frame tells by reference is no longer true then. */
  release(): void {
    for (const reference of this.#referred?.references ?? []) reference.release()
    this.#referred = undefined
  }

  /** Takes the records' bytes into the frame, and gives their memory back. */
  makeInline(): void {
    if (this.#referred === undefined) return
    this.#frame = this.#referred.encodeInline()
    this.release()
  }
}
