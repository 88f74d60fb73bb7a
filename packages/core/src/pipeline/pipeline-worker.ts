import { RmqError, type RmqErrorCode } from '../errors.ts'
import { sleep } from '../timer.ts'
import { GivenUp, type JobHandler, Membership, type WorkClient } from './membership.ts'
import { decodeJoined, encodeJoin } from './messages.ts'

export interface WorkOptions {
  /** Jobs to work on at a time, at most 256. @default 1 */
  readonly concurrency?: number
  /**
   * Ends the work at once: handlers are told by their signals, their jobs go to other workers, and `done` rejects with
   * the signal's reason. `close` lets them finish.
   */
  readonly signal?: AbortSignal
}

const MOST_CONCURRENCY = 256
/** How often a pipeline that was there is looked for again. */
const FIRST_LOOK_S = 0.01
const LAST_LOOK_S = 0.5

/**
 * Does the jobs of a pipeline. It joins again by itself when the server was out of reach for long, or restarted.
 * Its handlers should not keep the thread busy for as long as the pipeline's `workerTimeoutS`: it would be given up.
 */
export class PipelineWorker {
  readonly topic: string
  /**
   * Resolves when the worker, or its client, was closed and no handler runs any more. Rejects with the signal's reason,
   * TOPIC_NOT_FOUND, REQUEST_FAILED for a topic that is no pipeline.
   */
  readonly done: Promise<void>
  readonly #client: WorkClient
  readonly #handler: JobHandler
  readonly #concurrency: number
  readonly #ended = new AbortController()
  #membership: Membership | undefined
  #closing = false

  /** Made by `client.work`. @throws INVALID_ARGUMENT */
  constructor(client: WorkClient, topic: string, handler: JobHandler, { concurrency = 1, signal }: WorkOptions) {
    if (typeof handler !== 'function') throw new RmqError('INVALID_ARGUMENT', 'work needs a function as handler.')
    if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > MOST_CONCURRENCY) {
      const expected = `a whole number from 1 to ${MOST_CONCURRENCY}`
      throw new RmqError('INVALID_ARGUMENT', `\`concurrency\` must be ${expected}, got ${String(concurrency)}.`)
    }
    this.topic = topic
    this.#client = client
    this.#handler = handler
    this.#concurrency = concurrency
    const onAbort = () => {
      // Whoever ended it knows why it ends.
      this.done.catch(() => {})
      this.#ended.abort(signal?.reason)
      this.#membership?.end(signal?.reason)
    }
    this.done = this.#run().finally(() => signal?.removeEventListener('abort', onAbort))
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
  }

  /** Takes no more jobs, and resolves when those it has are done. Waits for a server that is out of reach. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#membership === undefined) this.#ended.abort(LEFT)
    this.#membership?.leave()
    await this.done
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(): Promise<void> {
    // Whoever made it may abort the signal at once.
    await undefined
    try {
      for (let again = false; !this.#closing; again = true) await this.#runOnce(again)
    } catch (error) {
      if (error === LEFT) return
      if (this.#ended.signal.aborted || !hasCode(error, 'CLOSED')) throw error
    }
  }

  async #runOnce(again: boolean): Promise<void> {
    const { topic } = this
    try {
      const joined = await this.#join(again)
      const parts = { client: this.#client, topic, handler: this.#handler, concurrency: this.#concurrency }
      this.#membership = new Membership({ ...parts, ...joined })
      await this.#membership.run()
    } catch (error) {
      this.#ended.signal.throwIfAborted()
      // Another run of the server knows nothing of this worker.
      if (!(error instanceof GivenUp) && !hasCode(error, 'OUTCOME_UNKNOWN')) throw error
    } finally {
      this.#membership = undefined
    }
  }

  async #join(again: boolean): Promise<{ readonly worker: string; readonly timeoutS: number }> {
    const { signal } = this.#ended
    for (let delayS = FIRST_LOOK_S; ; delayS = Math.min(delayS * 2, LAST_LOOK_S)) {
      try {
        signal.throwIfAborted()
        return decodeJoined(await this.#client.requestWithData(this.topic, encodeJoin(), { signal }))
      } catch (error) {
        // A server that comes back adds its topics one after the other.
        if (!again || !hasCode(error, 'TOPIC_NOT_FOUND')) throw error
        await sleep(delayS, signal)
      }
    }
  }
}

/** Why a worker ends that is closed before it has joined. */
const LEFT = Symbol('left')

function hasCode(error: unknown, code: RmqErrorCode): boolean {
  return RmqError.isInstance(error) && error.code === code
}
