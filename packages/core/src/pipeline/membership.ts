import { requireBytes } from '../arguments.ts'
import { errorText, RmqError } from '../errors.ts'
import { sleep } from '../timer.ts'
import { Ask, decodeJob, encodeAsk, Told } from './messages.ts'

/** What a worker needs of its client. */
export interface WorkClient {
  requestWithData(
    topic: string,
    data: Uint8Array,
    options: { readonly timeoutS?: number; readonly signal?: AbortSignal },
  ): Promise<Uint8Array>
}

/** The circumstances of a job. */
export interface JobContext {
  /** Counts the pipeline's jobs from 1. */
  readonly id: number
  /** 1, or more where the workers before died with it: it may have been done, or half of it. */
  readonly attempt: number
  /** Aborted when the job is no longer this worker's, or the work is to end. */
  readonly signal: AbortSignal
}

/** Does one job. What it throws fails the job, with its message; nothing returned is an empty result. */
export type JobHandler = (
  data: Uint8Array,
  context: JobContext,
) => Promise<Uint8Array | undefined> | Uint8Array | undefined

export interface MembershipParts {
  readonly client: WorkClient
  readonly topic: string
  readonly handler: JobHandler
  readonly concurrency: number
  /** As the pipeline named it. */
  readonly worker: string
  readonly timeoutS: number
}

/** Tells that it is there so often in the time after which it would be given up. */
const HOLDS_PER_TIMEOUT = 4

/** A worker's time with a pipeline, from joining it to leaving it or being given up. */
export class Membership {
  readonly #parts: MembershipParts
  readonly #over = new AbortController()
  /** One for each job at a time: hundreds of listeners on one signal would look like a leak. */
  readonly #hands: readonly AbortController[]
  #leaving: Promise<unknown> | undefined

  constructor(parts: MembershipParts) {
    this.#parts = parts
    this.#hands = Array.from({ length: parts.concurrency }, () => new AbortController())
  }

  /**
   * Works until it is told to leave. Settles when no handler runs any more.
   * @throws what ended it: GIVEN_UP, the reason given to `end`, what a request rejects with
   */
  async run(): Promise<void> {
    const holding = this.#hold()
    const working = this.#hands.map(({ signal }) => this.#work(signal))
    try {
      await Promise.race([holding, Promise.all(working)])
      await this.#leaving
    } catch (error) {
      this.end(error)
      throw this.#over.signal.reason
    } finally {
      this.end(undefined)
      await Promise.allSettled([holding, ...working])
    }
  }

  /** Takes no more jobs. */
  leave(): void {
    this.#leaving ??= this.#ask(this.#over.signal, Ask.LEAVE)
    // Who works, or waits for work, meets the same.
    this.#leaving.catch(() => {})
  }

  end(reason: unknown): void {
    for (const controller of [this.#over, ...this.#hands]) controller.abort(reason)
  }

  /** Each answers the one before: one is always pending, whose end tells the pipeline of this worker's. */
  async #hold(): Promise<void> {
    const everyS = this.#parts.timeoutS / HOLDS_PER_TIMEOUT
    const failed = new Promise<never>((_, reject) => {
      const tell = () => this.#ask(this.#over.signal, Ask.HOLD).catch(reject)
      const repeat = async () => {
        for (;;) {
          void tell()
          await sleep(everyS, this.#over.signal)
        }
      }
      repeat().catch(reject)
    })
    await failed
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (this.#leaving === undefined) {
      const answer = await this.#ask(signal, Ask.TAKE)
      if (answer[0] === Told.JOB) await this.#do(answer, signal)
    }
  }

  async #do(answer: Uint8Array, signal: AbortSignal): Promise<void> {
    const { job, attempt, data } = decodeJob(answer)
    let outcome: readonly [kind: number, payload: Uint8Array]
    try {
      const result = (await this.#parts.handler(data, { id: job, attempt, signal })) ?? NO_RESULT
      requireBytes(result, `What the handler of "${this.#parts.topic}" returns`)
      outcome = [Ask.DONE, result]
    } catch (error) {
      outcome = [Ask.FAILED, new TextEncoder().encode(errorText(error))]
    }
    // Given up meanwhile: what a handler makes of its signal is no outcome.
    signal.throwIfAborted()
    await this.#ask(signal, outcome[0], job, outcome[1])
  }

  async #ask(signal: AbortSignal, kind: number, job?: number, payload?: Uint8Array): Promise<Uint8Array> {
    const { client, topic, worker, timeoutS } = this.#parts
    // The pipeline lets no one wait for as long as that.
    const options = { timeoutS: Math.max(timeoutS, 1), signal }
    const answer = await client.requestWithData(topic, encodeAsk(kind, worker, job, payload), options)
    if (answer[0] === Told.GIVEN_UP) throw new GivenUp(topic)
    return answer
  }
}

/** The pipeline has forgotten the worker, and given its jobs to others. */
export class GivenUp extends RmqError {
  constructor(topic: string) {
    super('DISCONNECTED', `Pipeline "${topic}" did not hear of this worker for too long: its jobs are others' now.`)
  }
}

const NO_RESULT = new Uint8Array(0)
