import type { Credit, Feed, FeedRequest, FeedSink, Session } from '@rmq/core'
import type { LaneReply } from '../lane/lane-listener.ts'
import { encodeEnd, encodePush, encodeSubscribed } from '../wire/feed-codec.ts'

/** Sends frames to one client. */
export interface WaysOut {
  /** @returns false where the client's queue does not take the frames */
  readonly send: (frames: Uint8Array[]) => Promise<boolean>
  readonly lane: LaneReply | undefined
  readonly nowS: () => number
}

/** Credit beyond this is not taken, so that what is under way to one client stays bounded. */
const MOST_RECORDS = 65_536
const MOST_BYTES = 256 * 2 ** 20

/** The feeds of one connection, by the number of the call that began each. */
export class WireFeeds {
  readonly #feeds = new Map<number, Feed>()

  /** Begins a feed and answers the call. @throws TOPIC_NOT_FOUND, NO_SPACE */
  begin(call: number, request: FeedRequest, session: Session, { send, lane, nowS }: WaysOut): void {
    let offer = send
    const sink: FeedSink = {
      push: (batch) => offer(encodePush(call, nowS(), batch)),
      end: (reason) => {
        this.#feeds.delete(call)
        void offer(encodeEnd(call, nowS(), reason))
      },
    }
    const feed = session.follow({ ...request, credit: bounded(request.credit) }, sink)
    this.#feeds.get(call)?.close()
    this.#feeds.set(call, feed)
    const answer = encodeSubscribed(call, nowS(), feed)
    // All of a feed goes one way, so that it arrives in order.
    if (lane?.send(answer)) {
      offer = async (frames) => {
        if (!lane.open) this.cancel(call)
        return lane.send(frames)
      }
    } else void send(answer)
  }

  grant(call: number, credit: Credit): void {
    this.#feeds.get(call)?.grant(credit)
  }

  cancel(call: number): void {
    this.#feeds.get(call)?.close()
    this.#feeds.delete(call)
  }
}

function bounded({ records, bytes }: Credit): Credit {
  return { records: Math.min(records, MOST_RECORDS), bytes: Math.min(bytes, MOST_BYTES) }
}
