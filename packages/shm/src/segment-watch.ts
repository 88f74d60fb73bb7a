import { RmqError } from '@rmq/core'
import { Doorbell, type Sleeper } from './doorbell.ts'
import type { NativeSegment } from './native/addon-types.ts'
import { Status } from './status.ts'

interface Waiter {
  /** The sequence of the record that is awaited. */
  readonly cursor: number
  readonly owner: object
  readonly holdsLoop: boolean
  settle(error?: RmqError): void
}

export interface WaitOptions {
  /** Who may `cancel` it. */
  readonly owner: object
  readonly signal?: AbortSignal | undefined
  /** Whether the process stays alive while it waits. @default true */
  readonly holdsLoop?: boolean
}

/**
 * Everybody in this environment who waits for records of one segment. They share the attachment's one bit among the
 * segment's armed bells: it is armed for the smallest cursor, and a ring makes all of them look.
 */
export class SegmentWatch implements Sleeper {
  readonly #segment: NativeSegment
  readonly #group: number | undefined
  readonly #waiters = new Set<Waiter>()
  #doorbell: Doorbell | undefined
  #closed: RmqError | undefined

  constructor(segment: NativeSegment, group: number | undefined) {
    this.#segment = segment
    this.#group = group
  }

  /** Resolves once the record numbered `cursor` was put, or the segment was retired. Rejects with the signal's reason. */
  wait(cursor: number, { owner, signal, holdsLoop = true }: WaitOptions): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const settle = (error?: RmqError) => {
        signal?.removeEventListener('abort', abort)
        if (error === undefined) resolve()
        else reject(error)
      }
      const abort = () => {
        this.#remove(waiter)
        reject(signal?.reason)
      }
      const waiter: Waiter = { cursor, owner, holdsLoop, settle }
      this.#add(waiter)
      signal?.addEventListener('abort', abort, { once: true })
      this.look()
    })
  }

  /** The owner's waits resolve. */
  wake(owner: object): void {
    for (const waiter of this.#waiters) {
      if (waiter.owner !== owner) continue
      this.#remove(waiter)
      waiter.settle()
    }
  }

  /** The owner's waits reject with the error. */
  cancel(owner: object, error: RmqError = new RmqError('CLOSED', 'Nobody waits any more.')): void {
    for (const waiter of this.#waiters) if (waiter.owner === owner) this.#fail(waiter, error)
  }

  /** All waits reject with the error. */
  close(error: RmqError): void {
    this.#closed = error
    for (const waiter of this.#waiters) this.#fail(waiter, error)
    this.#doorbell?.release()
    this.#doorbell = undefined
  }

  look(): void {
    while (this.#waiters.size > 0) {
      let nearest = Number.POSITIVE_INFINITY
      const next = this.#segment.nextSequence()
      const over = this.#segment.isRetired()
      for (const waiter of this.#waiters) {
        if (over || waiter.cursor < next) {
          this.#remove(waiter)
          waiter.settle()
        } else if (waiter.cursor < nearest) nearest = waiter.cursor
      }
      if (this.#waiters.size === 0) return
      const status = this.#segment.arm(nearest)
      // Armed, and seen from behind the fence that there is nothing yet: whoever puts it from here on sees the bit.
      if (status === Status.OK) return
      if (status !== Status.EXISTS) {
        const error = new RmqError('CLOSED', 'The shared memory was closed while its records were awaited.')
        for (const waiter of this.#waiters) this.#fail(waiter, error)
      }
    }
  }

  #add(waiter: Waiter): void {
    if (this.#doorbell === undefined) {
      this.#doorbell = Doorbell.acquire(this.#group)
      this.#segment.setBell(this.#doorbell.bell)
    }
    this.#waiters.add(waiter)
    this.#doorbell.add(this)
    if (waiter.holdsLoop) this.#doorbell.hold()
  }

  /** The last one to leave puts the bell to rest: nothing is armed for nobody. */
  #remove(waiter: Waiter): void {
    this.#waiters.delete(waiter)
    if (waiter.holdsLoop) this.#doorbell?.letGo()
    if (this.#waiters.size > 0) return
    this.#segment.disarm()
    this.#doorbell?.remove(this)
  }

  #fail(waiter: Waiter, error: RmqError): void {
    this.#remove(waiter)
    waiter.settle(error)
  }
}
