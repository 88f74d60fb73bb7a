import { isMainThread } from 'node:worker_threads'
import type { Socket } from 'zeromq'
import { closeWholly, closeWhollyNow } from './socket-end.ts'

/** zeromq.js copies frames up to this size and lends the memory of larger ones to ZeroMQ. */
const COPIED_BYTES = 128

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

  /** Closes the socket at once. Resolves when the thread may end. */
  async close(socket: Socket): Promise<void> {
    if (this.#mayBeHeld(socket)) await closeWholly(socket)
    else socket.close()
  }

  /** The same where nothing asynchronous runs any more: returns when the thread may end. */
  closeNow(socket: Socket): void {
    if (this.#mayBeHeld(socket)) closeWhollyNow(socket)
    else socket.close()
  }

  #mayBeHeld({ closed }: Socket): boolean {
    return this.#any && !isMainThread && !closed
  }
}
