import type { RmqError } from '@rmq/core'
import { Doorbell, type Sleeper } from '../doorbell.ts'
import type { NativeSegment } from '../native/addon-types.ts'
import { Status } from '../status.ts'

/** A longer one would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Somebody who waits. */
interface Waiter {
  /** Tries to get on: true once nothing more is to be done. Throws what the wait ends with. */
  attempt(): boolean
  resolve(): void
  reject(reason: unknown): void
}

export interface LineOptions {
  readonly timeoutS?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Those in this environment who wait for a queue's items, and those who wait for room in it: two lines, first come first
 * served. Another process's change rings the doorbell, and everybody in turn tries again.
 */
export class WaitingLines implements Sleeper {
  readonly #native: NativeSegment
  readonly #group: number | undefined
  readonly #forItems = new Set<Waiter>()
  readonly #forRoom = new Set<Waiter>()
  #doorbell: Doorbell | undefined

  constructor(native: NativeSegment, group: number | undefined) {
    this.#native = native
    this.#group = group
  }

  get anyForItems(): boolean {
    return this.#forItems.size > 0
  }

  get anyForRoom(): boolean {
    return this.#forRoom.size > 0
  }

  untilItem(attempt: () => boolean, options: LineOptions, timeout: () => RmqError): Promise<void> {
    return this.#wait(this.#forItems, attempt, options, timeout)
  }

  untilRoom(attempt: () => boolean, options: LineOptions, timeout: () => RmqError): Promise<void> {
    return this.#wait(this.#forRoom, attempt, options, timeout)
  }

  look(): void {
    this.#lookForItems()
    this.#lookForRoom()
  }

  /** All waits reject with the error. */
  close(error: RmqError): void {
    for (const waiter of [...this.#forItems, ...this.#forRoom]) waiter.reject(error)
    this.#doorbell?.release()
    this.#doorbell = undefined
  }

  #wait(line: Set<Waiter>, attempt: () => boolean, options: LineOptions, timeout: () => RmqError): Promise<void> {
    const { timeoutS = Number.POSITIVE_INFINITY, signal } = options
    const doorbell = this.#wakeable()
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (!line.delete(waiter)) return
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        doorbell.letGo()
        this.#rest()
      }
      const waiter: Waiter = {
        attempt,
        resolve() {
          leave()
          resolve()
        },
        reject(reason) {
          leave()
          reject(reason)
        },
      }
      const abort = () => waiter.reject(signal?.reason)
      const ms = timeoutS * 1000
      const timer = ms <= LONGEST_TIMER_MS ? setTimeout(() => waiter.reject(timeout()), ms) : undefined
      signal?.addEventListener('abort', abort, { once: true })
      line.add(waiter)
      doorbell.add(this)
      doorbell.hold()
      if (line === this.#forItems) this.#lookForItems()
      else this.#lookForRoom()
    })
  }

  #wakeable(): Doorbell {
    if (this.#doorbell === undefined) {
      this.#doorbell = Doorbell.acquire(this.#group)
      this.#native.setBell(this.#doorbell.bell)
    }
    return this.#doorbell
  }

  #rest(): void {
    if (this.#forItems.size === 0) this.#native.disarm()
    if (this.#forRoom.size === 0) this.#native.disarmSpace()
    if (this.#forItems.size + this.#forRoom.size === 0) this.#doorbell?.remove(this)
  }

  #lookForItems(): void {
    while (this.#forItems.size > 0) {
      // Before the attempts: what is put after it makes arming say that there is something already.
      const cursor = this.#native.nextSequence()
      if (serve(this.#forItems)) return
      const status = this.#native.arm(cursor)
      if (status === Status.OK) return
      // Otherwise each attempt finds out by itself why.
    }
  }

  #lookForRoom(): void {
    while (this.#forRoom.size > 0) {
      if (serve(this.#forRoom)) return
      this.#native.armSpace()
      // Armed, and tried once more: whoever makes room from here on rings.
      const before = this.#forRoom.size
      serve(this.#forRoom)
      if (this.#forRoom.size === before) return
    }
  }
}

/** In turn, until one has to go on waiting. @returns whether none is left */
function serve(line: Set<Waiter>): boolean {
  for (const waiter of line) {
    try {
      if (!waiter.attempt()) return false
      waiter.resolve()
    } catch (thrown) {
      waiter.reject(thrown)
    }
  }
  return true
}
