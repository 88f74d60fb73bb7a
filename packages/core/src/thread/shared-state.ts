/** A few numbers that both threads of a server see at once. */
export class SharedState {
  static readonly #CELLS = 4
  readonly memory: SharedArrayBuffer
  readonly #cells: Int32Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(SharedState.#CELLS * 4)) {
    this.memory = memory
    this.#cells = new Int32Array(memory)
  }

  /** Bytes of puts that were posted and not yet taken in. */
  get bytesInFlight(): number {
    return Atomics.load(this.#cells, 0)
  }

  addBytesInFlight(bytes: number): void {
    Atomics.add(this.#cells, 0, bytes)
  }

  /** Bytes of empty buffers on their way back to the producer. */
  get recycledBytes(): number {
    return Atomics.load(this.#cells, 1)
  }

  addRecycledBytes(bytes: number): void {
    Atomics.add(this.#cells, 1, bytes)
  }

  /** Orders posted to the message thread so far, modulo 2^32. */
  get posted(): number {
    return Atomics.load(this.#cells, 3)
  }

  /** Told behind each post: what is counted is there to be received. */
  addPosted(): void {
    Atomics.add(this.#cells, 3, 1)
  }

  /** Told by the message thread once its sockets are closed. */
  setClosed(): void {
    Atomics.store(this.#cells, 2, 1)
    Atomics.notify(this.#cells, 2)
  }

  waitClosed(timeoutMs: number): void {
    Atomics.wait(this.#cells, 2, 0, timeoutMs)
  }
}
