import {
  type LinkCallOptions as CallOptions,
  type Command,
  type OfferedFile,
  type ReferenceExchange,
  type ReplyTo,
  RmqError,
} from '@rmq/core'
import { encodeFileReference } from '../robotmq/file-reference.ts'
import type { Exchange, Quittance } from './exchange.ts'

type Request = Command & { op: 'request' }

/** Requests that nobody waits for any more while the server may yet read them. */
const MOST_GIVEN_UP = 8
/** How long the files of such requests outlive the connection. */
const KEPT_AFTER_CLOSE_MS = 600_000

interface Offer {
  /** The request as it is sent, with the reference for its payload. */
  readonly request: Request
  readonly file: OfferedFile
  /** Calls that wait for the answer. */
  waiting: number
  /** Sends that the server has not answered. */
  unanswered: number
  closed: boolean
}

/**
 * Requests whose payloads lie in files of ours. A robotmq server that does not find the file of a request raises an error
 * in its program and answers nobody from then on. So a file stays until the server has answered each send of its
 * request, even if nobody waits for that any more, or until the server is gone.
 */
export class OfferedRequests {
  readonly #references: ReferenceExchange
  readonly #exchange: Exchange
  /** By the command as it was given, which comes again for each send. */
  readonly #offers = new WeakMap<Request, Offer>()
  readonly #givenUp = new Set<Offer>()

  constructor(references: ReferenceExchange, exchange: Exchange) {
    this.#references = references
    this.#exchange = exchange
  }

  /** @throws STALLED while too many requests were given up and not answered, NO_SPACE */
  async send(command: Request, options: CallOptions): Promise<ReplyTo<Request>> {
    const offer = this.#offers.get(command) ?? this.#offer(command)
    offer.waiting++
    offer.unanswered++
    const onQuit = (how: Quittance) => {
      offer.unanswered--
      offer.closed ||= how === 'closed'
      this.#review(command, offer)
    }
    try {
      return await this.#exchange(offer.request, { ...options, onQuit })
    } finally {
      offer.waiting--
      this.#review(command, offer)
    }
  }

  #offer(command: Request): Offer {
    if (this.#givenUp.size >= MOST_GIVEN_UP) {
      throw new RmqError(
        'STALLED',
        `The server has yet to answer ${MOST_GIVEN_UP} requests that were given up: does it call wait_for_request?`,
      )
    }
    const file = this.#references.offer(command.data)
    const request = { ...command, data: encodeFileReference(file) }
    const offer = { request, file, waiting: 0, unanswered: 0, closed: false }
    this.#offers.set(command, offer)
    return offer
  }

  #review(command: Request, offer: Offer): void {
    this.#givenUp.delete(offer)
    if (offer.waiting > 0) return
    if (offer.unanswered > 0) {
      this.#givenUp.add(offer)
      return
    }
    this.#offers.delete(command)
    if (offer.closed) setTimeout(() => offer.file.release(), KEPT_AFTER_CLOSE_MS).unref()
    else offer.file.release()
  }
}
