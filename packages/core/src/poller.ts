import { requireTimeout } from './arguments.ts'
import { RmqError } from './errors.ts'
import { timerMs } from './timer.ts'

/** What a poller can look at: subscriptions are. */
export interface Pollable<T> {
  /** The next one if there is one now. */
  nextNow(): T | undefined
  /** Called when there was none. Resolves with true when there may be one, with false when it has ended. */
  readable(): Promise<boolean>
  close(): void
}

type Sources = Readonly<Record<string, Pollable<unknown>>>

/** The name that a source was given, and what came from it. */
export type Polled<S extends Sources> = {
  [Name in keyof S & string]: readonly [from: Name, message: S[Name] extends Pollable<infer T> ? T : never]
}[keyof S & string]

export interface PollOptions {
  /** Ends it: the iteration, and `receive`, reject with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface ReceiveOptions {
  /** Seconds to wait; 0 looks once. @default Infinity */
  readonly timeoutS?: number
}

interface Source {
  readonly name: string
  readonly pollable: Pollable<unknown>
  waiting: boolean
}

/**
 * Reads several subscriptions, of one client or of several, as what they bring comes in. They take turns: a fast topic
 * never holds up another one. Nothing is read ahead, so nothing is lost, and with policy `latest` it is the newest at the
 * time of the step. `break` and `close` end the subscriptions, and so does the error of one.
 */
export class Poller<S extends Sources> implements AsyncIterableIterator<Polled<S>> {
  /** In the order of their turns. */
  readonly #sources: Source[]
  readonly #wakers = new Set<() => void>()
  readonly #stopListening: () => void
  #closed: unknown
  /** Whether `break` or `close` ended it: an iteration then has nothing to tell. */
  #quiet = false

  /** Made by {@link poll}. */
  constructor(sources: S, { signal }: PollOptions) {
    this.#sources = Object.entries(sources).map(([name, pollable]) => ({ name, pollable, waiting: false }))
    if (this.#sources.length === 0) {
      throw new RmqError('INVALID_ARGUMENT', 'There is nothing to poll: poll({ joints: client.subscribe("joints") }).')
    }
    const onAbort = () => this.#end(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#stopListening = () => signal?.removeEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  }

  /**
   * What comes next, from any of them.
   * @returns undefined when nothing came in time
   * @throws what a subscription throws, the signal's reason, CLOSED when it was closed or all have ended
   */
  async receive({ timeoutS = Number.POSITIVE_INFINITY }: ReceiveOptions = {}): Promise<Polled<S> | undefined> {
    if (timeoutS !== 0) requireTimeout(timeoutS)
    const untilMs = performance.now() + timeoutS * 1000
    for (;;) {
      if (this.#closed !== undefined) throw this.#closed
      const polled = this.#nextNow()
      if (polled !== undefined) return polled
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) return undefined
      await this.#readable(leftMs / 1000)
    }
  }

  async next(): Promise<IteratorResult<Polled<S>, undefined>> {
    try {
      const value = await this.receive()
      if (value !== undefined) return { done: false, value }
    } catch (thrown) {
      if (!this.#quiet) {
        this.#quiet = true
        throw thrown
      }
    }
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<Polled<S>, undefined>> {
    this.close()
    return { done: true, value: undefined }
  }

  /** Ends the subscriptions. May be called again. */
  close(): void {
    this.#quiet = true
    this.#end(new RmqError('CLOSED', 'The poller was closed.'))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #nextNow(): Polled<S> | undefined {
    for (const [index, source] of this.#sources.entries()) {
      let message: unknown
      try {
        message = source.pollable.nextNow()
      } catch (thrown) {
        this.#end(thrown)
        throw thrown
      }
      if (message === undefined) continue
      // The others have their turns first.
      this.#sources.splice(index, 1)
      this.#sources.push(source)
      return [source.name, message] as unknown as Polled<S>
    }
    return undefined
  }

  #readable(timeoutS: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutS === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => wake(), timerMs(timeoutS))
      const wake = () => {
        clearTimeout(timer)
        this.#wakers.delete(wake)
        resolve()
      }
      this.#wakers.add(wake)
      for (const source of this.#sources) if (!source.waiting) void this.#watch(source)
    })
  }

  /** Goes on when a step that caused it timed out: the next one finds it under way. */
  async #watch(source: Source): Promise<void> {
    source.waiting = true
    try {
      if (!(await source.pollable.readable())) this.#drop(source)
    } catch (thrown) {
      this.#end(thrown)
    } finally {
      source.waiting = false
      this.#wake()
    }
  }

  #drop(source: Source): void {
    if (this.#closed !== undefined) return
    this.#sources.splice(this.#sources.indexOf(source), 1)
    if (this.#sources.length === 0) this.close()
  }

  #end(reason: unknown): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    this.#stopListening()
    for (const { pollable } of this.#sources.splice(0)) pollable.close()
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake()
  }
}

/**
 * Reads several subscriptions at once, each under a name of yours:
 * `for await (const [from, message] of poll({ joints: arm.subscribe('joints'), wrist: camera.subscribe('frames') }))`.
 * @throws INVALID_ARGUMENT where there are none
 */
export function poll<S extends Sources>(sources: S, options: PollOptions = {}): Poller<S> {
  return new Poller(sources, options)
}
