import { RmqError, steadyClockUs } from 'robotmq'
import { isRecord } from './is-record.ts'
import type { BatchedPolicy, Observation } from './policy-handler.ts'
import { type Asker, type Inference, Ticket } from './ticket.ts'
import { timerMs } from './timer-ms.ts'

export interface QueueOptions {
  readonly policy: BatchedPolicy
  readonly maxWaiting: number
  readonly maxRunning: number
  readonly latestWins: boolean
  readonly deadlineS: number
}

/** What became of the observations so far. Each is counted once. */
export interface InferenceCounts {
  answered: number
  /** The handler threw, or answered what cannot be sent as actions. */
  failed: number
  /** Replaced by a newer observation of the same client. */
  superseded: number
  /** Not answered within the deadline. */
  expired: number
  /** Refused because too many were waiting, or the gateway was closing. */
  refused: number
  /** Their client left. */
  abandoned: number
}

/** Timers count in whole milliseconds. */
const SOON_S = 0.0005

/**
 * Hands observations to the policy: in order, in batches, never more than it can take.
 *
 * For single observations there are no sets, maps, timers or listeners here that outlive them: V8 makes such tables anew
 * among its old objects every few changes, and then looks whether to collect all of those. With the weight of pictures that
 * are on their way, it does: some milliseconds for nothing, every few dozen observations.
 */
export class InferenceQueue {
  readonly counts: InferenceCounts = { answered: 0, failed: 0, superseded: 0, expired: 0, refused: 0, abandoned: 0 }
  readonly #options: QueueOptions
  #waiting: Ticket[] = []
  #batches: readonly (readonly Ticket[])[] = []
  /** Goes off when the deadline of the oldest observation may have passed. */
  #deadline: ReturnType<typeof setTimeout> | undefined
  #window: ReturnType<typeof setTimeout> | undefined
  #sequence = 0
  #closing = false
  #onIdle: () => void = () => {}

  constructor(options: QueueOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Handler calls that have not ended. */
  get running(): number {
    return this.#batches.length
  }

  /** @throws what the handler threw; QUEUE_FULL, SUPERSEDED, TIMEOUT, DISCONNECTED, CLOSED */
  async submit(observation: Observation, asker: Asker): Promise<Inference> {
    if (this.#closing) throw this.#refused('CLOSED', 'The policy is closing and takes no more observations.')
    const { latestWins, maxWaiting, deadlineS } = this.#options
    if (latestWins) this.#supersede(asker)
    if (this.#waiting.length >= maxWaiting) {
      throw this.#refused('QUEUE_FULL', `${maxWaiting} observations wait for the policy already: ask less often.`)
    }
    const ticket = new Ticket(observation, asker, ++this.#sequence)
    this.#deadline ??= setTimeout(() => this.#expire(), timerMs(deadlineS))
    this.#waiting.push(ticket)
    this.#advance()
    return ticket.outcome
  }

  /** Gives up all that this very asker waits for. */
  abandon(asker: Asker): void {
    for (const ticket of this.#pending()) {
      if (ticket.asker === asker) this.#drop(ticket, 'abandoned', new RmqError('DISCONNECTED', 'The client left.'))
    }
  }

  /** Takes no more, and resolves when all have an outcome: CLOSED for those that have none after the seconds. */
  async drain(timeoutS: number): Promise<void> {
    this.#closing = true
    this.#advance()
    if (!this.#isIdle) await this.#idle(timeoutS)
    clearTimeout(this.#deadline)
    clearTimeout(this.#window)
    const late = this.#pending()
    this.#waiting = []
    for (const ticket of late) {
      if (ticket.fail(new RmqError('CLOSED', 'The policy was closed before it answered.'))) this.counts.refused += 1
    }
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#batches.length === 0
  }

  /** Resolves when nothing waits or runs any more, or after the seconds. */
  #idle(timeoutS: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timerMs(timeoutS))
      this.#onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Those that have no outcome yet, the oldest first. */
  #pending(): Ticket[] {
    return [...this.#batches.flat(), ...this.#waiting].filter(({ isSettled }) => !isSettled)
  }

  /** Ends what took too long, and looks again when the next one will have. */
  #expire(): void {
    const { deadlineS } = this.#options
    const leftS = ({ context }: Ticket) => context.receivedAtS + deadlineS - steadyClockUs() / 1e6
    for (const ticket of this.#pending().filter((pending) => leftS(pending) < SOON_S)) {
      const error = new RmqError('TIMEOUT', `The policy did not answer within its deadline of ${deadlineS} s.`)
      this.#drop(ticket, 'expired', error)
    }
    const nextS = Math.min(...this.#pending().map(leftS))
    this.#deadline = nextS < Number.POSITIVE_INFINITY ? setTimeout(() => this.#expire(), timerMs(nextS)) : undefined
  }

  #refused(code: 'CLOSED' | 'QUEUE_FULL', message: string): RmqError {
    this.counts.refused += 1
    return new RmqError(code, message)
  }

  #supersede({ front, client }: Asker): void {
    const stale = this.#waiting.find(({ context }) => context.client === client && context.front === front)
    if (stale === undefined) return
    this.#drop(stale, 'superseded', new RmqError('SUPERSEDED', 'A newer observation of this client took its place.'))
  }

  #drop(ticket: Ticket, count: keyof InferenceCounts, error: RmqError): void {
    if (!ticket.fail(error)) return
    this.counts[count] += 1
    this.#waiting = this.#waiting.filter((waiting) => waiting !== ticket)
    if (this.#isIdle) this.#onIdle()
  }

  #advance(): void {
    const { policy, maxRunning } = this.#options
    clearTimeout(this.#window)
    while (this.#waiting.length > 0 && this.#batches.length < maxRunning) {
      const [first] = this.#waiting
      const leftS = first!.context.receivedAtS + policy.windowS - steadyClockUs() / 1e6
      if (this.#waiting.length < policy.maxSize && leftS > SOON_S && !this.#closing) {
        this.#window = setTimeout(() => this.#advance(), leftS * 1000)
        return
      }
      void this.#run(this.#waiting.splice(0, policy.maxSize))
    }
  }

  async #run(batch: readonly Ticket[]): Promise<void> {
    this.#batches = [...this.#batches, batch]
    const startMs = performance.now()
    try {
      const results = await this.#options.policy.handler(
        batch.map(({ observation }) => observation),
        batch.map(({ context }) => context),
      )
      const inferMs = performance.now() - startMs
      if (!Array.isArray(results) || results.length !== batch.length) {
        throw new RmqError('INVALID_ARGUMENT', `A policy must answer a batch of ${batch.length} with as many answers.`)
      }
      for (const [index, ticket] of batch.entries()) this.#settle(ticket, results[index], inferMs)
    } catch (error) {
      for (const ticket of batch) if (ticket.fail(error)) this.counts.failed += 1
    } finally {
      this.#batches = this.#batches.filter((other) => other !== batch)
      this.#advance()
      if (this.#isIdle) this.#onIdle()
    }
  }

  #settle(ticket: Ticket, result: unknown, inferMs: number): void {
    if (isRecord(result)) {
      if (ticket.succeed({ actions: result, inferMs })) this.counts.answered += 1
      return
    }
    const wrong = new RmqError('INVALID_ARGUMENT', 'A policy must answer with a map such as { actions }.')
    if (ticket.fail(result instanceof Error ? result : wrong)) this.counts.failed += 1
  }
}
