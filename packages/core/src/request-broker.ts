import type { Answer, RequestSink } from './engine.ts'
import { RmqError } from './errors.ts'
import { backgroundTimer } from './timer.ts'

export interface RequestBrokerOptions {
  readonly maxPendingRequests: number
  readonly requestWaitS: number
  readonly sink: RequestSink
}

export interface PendingRequest {
  readonly outcome: Promise<Uint8Array>
  /** Nobody waits for the outcome any more: the handler's signal is aborted. */
  cancel(): void
}

interface Waiting {
  readonly settle: (answer: Answer | RmqError) => void
  readonly timer: ReturnType<typeof setTimeout>
}

/** Carries requests from clients to the server's handlers and the answers back. */
export class RequestBroker {
  readonly #options: RequestBrokerOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #sequences = new Map<string, number>()
  #nextId = 1

  constructor(options: RequestBrokerOptions) {
    this.#options = options
  }

  get pending(): number {
    return this.#waiting.size
  }

  /** @throws NO_SPACE when too many requests are pending */
  submit(topic: string, data: Uint8Array, clientName: string): PendingRequest {
    const { maxPendingRequests, requestWaitS, sink } = this.#options
    if (this.#waiting.size >= maxPendingRequests) {
      throw new RmqError(
        'NO_SPACE',
        `${maxPendingRequests} requests are pending on this server: answer them faster, or raise maxPendingRequests.`,
      )
    }
    const id = this.#nextId++
    const sequence = (this.#sequences.get(topic) ?? 0) + 1
    this.#sequences.set(topic, sequence)
    const outcome = new Promise<Uint8Array>((resolve, reject) => {
      const settle = (answer: Answer | RmqError) => {
        const waiting = this.#waiting.get(id)
        if (waiting === undefined) return
        clearTimeout(waiting.timer)
        this.#waiting.delete(id)
        if (RmqError.isInstance(answer)) reject(answer)
        else if ('data' in answer) resolve(answer.data)
        else reject(new RmqError('REQUEST_FAILED', answer.error))
      }
      const expire = () => {
        settle(
          new RmqError(
            'REQUEST_FAILED',
            `No handler took the request on topic "${topic}" within ${requestWaitS} s: ` +
              'the server must call onRequest or waitForRequest.',
          ),
        )
        sink.cancel(id)
      }
      const timer = backgroundTimer(expire, requestWaitS)
      this.#waiting.set(id, { settle, timer })
    })
    sink.deliver({ id, topic, data, clientName, sequence })
    return {
      outcome,
      cancel: () => {
        if (!this.#waiting.has(id)) return
        sink.cancel(id)
        this.answer(id, { error: 'The client went away before its request was answered.' })
      },
    }
  }

  take(id: number): void {
    clearTimeout(this.#waiting.get(id)?.timer)
  }

  answer(id: number, answer: Answer): void {
    this.#waiting.get(id)?.settle(answer)
  }

  /**
   * Forgets what is pending without an answer: clients that resend then meet the next run of the server, while an
   * error now would end programs that survive a restart today.
   */
  close(): void {
    for (const waiting of this.#waiting.values()) clearTimeout(waiting.timer)
    this.#waiting.clear()
  }
}
