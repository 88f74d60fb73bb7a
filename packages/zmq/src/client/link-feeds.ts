import type { Buffer } from 'node:buffer'
import { type CancelSignal, type Credit, type Feed, type FeedRequest, type LinkFeedSink, RmqError } from '@rmq/core'
import { decodeError } from '../wire/error-codec.ts'
import { decodePush, decodeSubscribed, encodeCancel, encodeCredit, encodeSubscribe } from '../wire/feed-codec.ts'
import { decodeHead, MessageKind } from '../wire/head.ts'

/** How a link sends: down the lane where there is one, else over ZeroMQ. */
export type SendSmall = (frames: Uint8Array[]) => void

const ASK_AGAIN_MS = 10_000

/** How asking for a feed came out; `lost`: the connection was lost before the answer. */
export type Asked = 'begun' | 'lost'

interface Asking {
  readonly sink: LinkFeedSink
  readonly settle: (asked: Asked) => void
  readonly reject: (reason: unknown) => void
}

interface Begun {
  readonly sink: LinkFeedSink
  readonly byLane: boolean
}

/** What one connection is sent unasked: the feeds that were asked for on it, by the number of the asking. */
export class LinkFeeds {
  readonly #sendSmall: SendSmall
  readonly #onOver: () => void
  readonly #asking = new Map<number, Asking>()
  readonly #begun = new Map<number, Begun>()

  /** @param onOver an epoch has ended, and with it perhaps what was known of the server's clock */
  constructor(sendSmall: SendSmall, onOver: () => void) {
    this.#sendSmall = sendSmall
    this.#onOver = onOver
  }

  /** Rejects with what the server answers, or the signal's reason. */
  ask(
    number: number,
    request: FeedRequest,
    sink: LinkFeedSink,
    received: number,
    signal?: CancelSignal,
  ): Promise<Asked> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const finish = () => {
        clearTimeout(timer)
        this.#asking.delete(number)
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = () => {
        finish()
        this.#cancel(number)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      // A full queue on either side may have dropped the question or the answer.
      const timer = setTimeout(() => this.#asking.get(number)?.settle('lost'), ASK_AGAIN_MS)
      this.#asking.set(number, {
        sink,
        settle: (asked) => {
          finish()
          resolve(asked)
        },
        reject: (reason) => {
          finish()
          reject(reason)
        },
      })
      this.#sendSmall(encodeSubscribe(number, request, received))
    })
  }

  /** An answer came. @returns whether it was one to the asking for a feed */
  onAnswer(number: number, frames: readonly Buffer[], byLane: boolean): boolean {
    const asking = this.#asking.get(number)
    if (asking === undefined) return false
    try {
      const head = decodeHead(frames[0]!)
      if (head.kind === MessageKind.ERROR) throw decodeError(head)
      const { epoch, next } = decodeSubscribed(head)
      const { sink } = asking
      this.#begun.set(number, { sink, byLane })
      sink.begin(this.#feed(number, epoch, next))
      asking.settle('begun')
    } catch (thrown) {
      asking.reject(thrown)
    }
    return true
  }

  onPush(number: number, frames: readonly Buffer[]): void {
    const begun = this.#begun.get(number)
    if (begun === undefined) {
      // It was ended from here meanwhile, or asked for on a connection that was lost.
      if (!this.#asking.has(number)) this.#cancel(number)
      return
    }
    try {
      const { batch, end } = decodePush(decodeHead(frames[0]!), frames.slice(1))
      if (batch.followed.length > 0 || batch.skipped > 0 || !Number.isNaN(batch.next)) void begun.sink.push(batch)
      if (end === undefined) return
      this.#begun.delete(number)
      if (end === 'over') this.#onOver()
      begun.sink.end(end)
    } catch (thrown) {
      if (!RmqError.isInstance(thrown)) throw thrown
      // What cannot be read is asked for again.
      this.#cancel(number)
      this.#begun.delete(number)
      begun.sink.end('lost')
    }
  }

  /** Nothing comes on this way any more. @param laneOnly only the lane has ended */
  onLost(laneOnly: boolean): void {
    // Whichever way a question took, its answer may have been on the lane.
    for (const asking of [...this.#asking.values()]) asking.settle('lost')
    for (const [number, begun] of [...this.#begun]) {
      if (laneOnly && !begun.byLane) continue
      this.#begun.delete(number)
      begun.sink.end('lost')
    }
  }

  /** The link was closed from here: who waits is told, and the rest is over. */
  close(reason: unknown): void {
    for (const { reject } of [...this.#asking.values()]) reject(reason)
    this.#begun.clear()
  }

  #feed(number: number, epoch: string, next: number): Feed {
    return {
      epoch,
      next,
      grant: (total: Credit) => {
        if (this.#begun.has(number)) this.#sendSmall(encodeCredit(number, total))
      },
      close: () => {
        if (this.#begun.delete(number)) this.#cancel(number)
      },
    }
  }

  #cancel(number: number): void {
    this.#sendSmall(encodeCancel(number))
  }
}
