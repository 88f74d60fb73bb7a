import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'

/** zeromq.js copies frames up to this size and lends the memory of larger ones to ZeroMQ. */
const COPIED_BYTES = 128
/** How long ZeroMQ's threads take to give everything back after the socket's linger, on a machine with no time to spare. */
const GIVE_BACK_MS = 100

/**
 * Memory that ZeroMQ still holds when its socket is closed comes back through an object of the thread: a worker thread
 * that ended before would have its heap corrupted. (The main thread's end waits for ZeroMQ by itself.)
 */
export class LentFrames {
  #any = false

  note(frames: readonly Uint8Array[]): void {
    if (this.#any) return
    this.#any = frames.some((frame) => frame.byteLength > COPIED_BYTES)
  }

  /** To be awaited between the closing of the socket and the end of the thread. */
  async returned(lingerMs: number): Promise<void> {
    if (this.#any && !isMainThread) await sleep(lingerMs + GIVE_BACK_MS)
  }

  /** The same where nothing asynchronous runs any more. */
  waitReturned(): void {
    if (this.#any && !isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, GIVE_BACK_MS)
  }
}
