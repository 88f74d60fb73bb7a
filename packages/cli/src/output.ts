import { once } from 'node:events'
import type { WriteStream } from 'node:tty'
import { BrokenPipe } from './broken-pipe.ts'

/** Where the data goes: stdout. Waits for a slow reader instead of piling up what it has not read. */
export class Output {
  readonly #stream: NodeJS.WriteStream
  readonly #signal: AbortSignal
  #failure: Error | undefined

  /**
   * @param signal ends a wait for the reader
   * @param fail called once when the reader has gone or nothing more can be written
   */
  constructor(stream: NodeJS.WriteStream, signal: AbortSignal, fail: (reason: Error) => void) {
    this.#stream = stream
    this.#signal = signal
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#failure !== undefined) return
      this.#failure = error.code === 'EPIPE' ? new BrokenPipe() : error
      fail(this.#failure)
    })
  }

  /** Whether people look at it, whose terminal must not be fed arbitrary bytes. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  /** Columns of the terminal. */
  get columns(): number {
    return (this.#stream as Partial<WriteStream>).columns ?? 100
  }

  /** Resolves once there is room for more. */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.#signal.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    if (chunk.length === 0 || this.#stream.write(chunk)) return
    try {
      await once(this.#stream, 'drain', { signal: this.#signal })
    } catch (error) {
      this.#signal.throwIfAborted()
      throw this.#failure ?? error
    }
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`)
  }

  /** Resolves once everything was handed to the reader, or cannot be. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#failure !== undefined || this.#stream.writableLength === 0) resolve()
      else this.#stream.write('', () => resolve())
    })
  }
}
