import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { SharedState } from './shared-state.ts'

/** Smaller payloads cost less to allocate than to recycle. */
const LEAST_POOLED_BYTES = 16 * 1024
/** Free memory that is kept for coming puts; what comes back beyond is left to the garbage collector. */
const MOST_FREE_BYTES = 64 * 2 ** 20

/**
 * Copies payloads into buffers that topics have finished with: the pages of a fresh buffer cost several times the copy.
 * Lives in the producer's thread; buffers come back from the message thread through a port.
 */
export class BufferPool {
  readonly #returns: MessagePort
  readonly #state: SharedState
  readonly #free = new Map<number, ArrayBuffer[]>()

  constructor(returns: MessagePort, state: SharedState) {
    this.#returns = returns
    this.#state = state
    returns.unref()
  }

  /** @returns the same bytes in a buffer that may be transferred */
  copy(data: Uint8Array): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#take(data.byteLength), 0, data.byteLength)
    bytes.set(data)
    return bytes
  }

  #take(byteLength: number): ArrayBuffer {
    if (byteLength < LEAST_POOLED_BYTES) return new ArrayBuffer(byteLength)
    const capacity = capacityFor(byteLength)
    let buffer = this.#free.get(capacity)?.pop()
    if (buffer === undefined) {
      this.#drainReturns()
      buffer = this.#free.get(capacity)?.pop()
    }
    if (buffer === undefined) return new ArrayBuffer(capacity)
    this.#state.addRecycledBytes(-capacity)
    return buffer
  }

  #drainReturns(): void {
    for (
      let next = receiveMessageOnPort(this.#returns);
      next !== undefined;
      next = receiveMessageOnPort(this.#returns)
    ) {
      const buffer = next.message as ArrayBuffer
      const free = this.#free.get(buffer.byteLength)
      if (free === undefined) this.#free.set(buffer.byteLength, [buffer])
      else free.push(buffer)
    }
  }
}

/** Rounds up to one of eight sizes per power of two, so that payloads of varying length share buffers. */
export function capacityFor(byteLength: number): number {
  const step = 2 ** Math.max(Math.floor(Math.log2(byteLength)) - 3, 12)
  return Math.ceil(byteLength / step) * step
}

/** The other end of a {@link BufferPool}, in the message thread. */
export class BufferReturns {
  readonly #port: MessagePort
  readonly #state: SharedState
  readonly #pooled = new WeakSet<ArrayBufferLike>()
  readonly #stillHeld: FinalizationRegistry<ArrayBuffer>

  constructor(port: MessagePort, state: SharedState) {
    this.#port = port
    this.#state = state
    this.#stillHeld = new FinalizationRegistry((buffer) => this.#send(buffer))
  }

  /** Marks a payload's buffer as one of the pool's. */
  adopt(data: Uint8Array): void {
    if (data.buffer.byteLength >= LEAST_POOLED_BYTES) this.#pooled.add(data.buffer)
  }

  /**
   * Takes a payload that left its topic.
   * @param shared somebody may still hold the `data` object, a socket that sends it above all: a buffer that is
   *   written again too early is a torn image, so it waits until the object is garbage
   */
  readonly release = (data: Uint8Array, shared: boolean): void => {
    if (!this.#pooled.delete(data.buffer)) return
    if (shared) this.#stillHeld.register(data, data.buffer as ArrayBuffer)
    else this.#send(data.buffer as ArrayBuffer)
  }

  #send(buffer: ArrayBuffer): void {
    if (this.#state.recycledBytes + buffer.byteLength > MOST_FREE_BYTES) return
    this.#state.addRecycledBytes(buffer.byteLength)
    this.#port.postMessage(buffer, [buffer])
  }
}
