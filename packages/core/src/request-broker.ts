import { steadyNowS } from './clock-estimate.ts'
import type { Answer, EngineRequest, RequestSink } from './engine.ts'
import { RmqError } from './errors.ts'
import { type Supersedable, Superseding } from './superseding.ts'
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

export interface SubmittedRequest extends Pick<EngineRequest, 'topic' | 'data' | 'clientName'> {
  /** Which client it is of, among all. */
  readonly client: string
  /** On this host's steady clock: later it is not run any more. */
  readonly deadlineTimeS?: number
  /** The client's number of it. */
  readonly number: number
  /** One with a higher number of the same client and topic takes its place, as long as no handler has it. */
  readonly supersede?: boolean
}

interface Waiting {
  readonly settle: (answer: Answer | RmqError) => void
  /** A handler has it. */
  taken: boolean
  /** It was told of to the server's own thread. */
  delivered: boolean
  /** Runs until a handler has it. */
  handlerTimer?: ReturnType<typeof setTimeout>
  readonly deadlineTimer: ReturnType<typeof setTimeout> | undefined
}

/** Carries requests from clients to the server's handlers and the answers back. */
export class RequestBroker {
  readonly #options: RequestBrokerOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #sequences = new Map<string, number>()
  readonly #superseding = new Superseding()
  #nextId = 1

  constructor(options: RequestBrokerOptions) {
    this.#options = options
  }

  get pending(): number {
    return this.#waiting.size
  }

  /** @throws NO_SPACE when too many requests are pending, TIMEOUT when its deadline has passed */
  submit(request: SubmittedRequest): PendingRequest {
    const { maxPendingRequests, requestWaitS, sink } = this.#options
    const { topic, data, clientName, client, number, deadlineTimeS, supersede = false } = request
    const remainingS = (deadlineTimeS ?? Number.POSITIVE_INFINITY) - steadyNowS()
    if (remainingS <= 0) throw overdue(topic)
    if (this.#waiting.size >= maxPendingRequests) {
      throw new RmqError(
        'NO_SPACE',
        `${maxPendingRequests} requests are pending on this server: answer them faster, or raise maxPendingRequests.`,
      )
    }
    const id = this.#nextId++
    const kind = `${client} ${topic}`
    const outcome = new Promise<Uint8Array>((resolve, reject) => {
      const settle = (answer: Answer | RmqError) => {
        if (!this.#waiting.delete(id)) return
        clearTimeout(waiting.handlerTimer)
        clearTimeout(waiting.deadlineTimer)
        if (supersede) this.#superseding.leave(kind, supersedable)
        if (RmqError.isInstance(answer)) reject(answer)
        else if ('data' in answer) resolve(answer.data)
        else reject(new RmqError('REQUEST_FAILED', answer.error))
      }
      const deliver = () => {
        const sequence = (this.#sequences.get(topic) ?? 0) + 1
        this.#sequences.set(topic, sequence)
        waiting.delivered = true
        waiting.handlerTimer = backgroundTimer(() => this.#withdraw(id, notTaken(topic, requestWaitS)), requestWaitS)
        const deadline = deadlineTimeS === undefined ? {} : { deadlineTimeS }
        sink.deliver({ id, topic, data, clientName, sequence, ...deadline, ...(supersede && { supersede }) })
      }
      const deadlineTimer =
        deadlineTimeS === undefined ? undefined : backgroundTimer(() => this.#withdraw(id, overdue(topic)), remainingS)
      const waiting: Waiting = { settle, taken: false, delivered: false, deadlineTimer }
      const supersedable: Supersedable = {
        number,
        get taken() {
          return waiting.taken
        },
        begin: deliver,
        replaced: () => this.#withdraw(id, superseded(topic)),
      }
      this.#waiting.set(id, waiting)
      if (supersede) this.#superseding.enter(kind, supersedable)
      else deliver()
    })
    return {
      outcome,
      cancel: () => this.#withdraw(id, { error: 'The client went away before its request was answered.' }),
    }
  }

  take(id: number): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    waiting.taken = true
    clearTimeout(waiting.handlerTimer)
  }

  /** Ends a request without its handler, which is told by its signal. */
  #withdraw(id: number, answer: Answer | RmqError): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    if (waiting.delivered) this.#options.sink.cancel(id)
    waiting.settle(answer)
  }

  answer(id: number, answer: Answer): void {
    this.#waiting.get(id)?.settle(answer)
  }

  /**
   * Forgets what is pending without an answer: clients that resend then meet the next run of the server, while an
   * error now would end programs that survive a restart today.
   */
  close(): void {
    for (const { handlerTimer, deadlineTimer } of this.#waiting.values()) {
      clearTimeout(handlerTimer)
      clearTimeout(deadlineTimer)
    }
    this.#waiting.clear()
  }
}

function overdue(topic: string): RmqError {
  return new RmqError('TIMEOUT', `The deadline of the request on topic "${topic}" passed before it was answered.`)
}

function superseded(topic: string): RmqError {
  return new RmqError('SUPERSEDED', `A newer request of this client on topic "${topic}" took the place of this one.`)
}

function notTaken(topic: string, waitedS: number): RmqError {
  return new RmqError(
    'REQUEST_FAILED',
    `No handler took the request on topic "${topic}" within ${waitedS} s: ` +
      'the server must call onRequest or waitForRequest.',
  )
}
