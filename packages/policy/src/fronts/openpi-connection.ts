import { openpiCodec, RmqError } from 'robotmq'
import type { WebSocket } from 'ws'
import { traceback } from '../error-text.ts'
import type { FrontHost } from '../front.ts'
import { isResetRequest, RESET_ANSWER } from '../reset-request.ts'
import type { Asker, Inference } from '../ticket.ts'

/** Frames of one client that may be unanswered before its socket is read no further. */
const MAX_UNANSWERED = 16
/** How long a client may take to agree to the end. */
const GOODBYE_MS = 1000
const GOING_AWAY = 1001

/** One client: answers its frames, one each, in the order in which they came. */
export class OpenpiConnection {
  readonly #socket: WebSocket
  readonly #host: FrontHost
  readonly #asker: Asker
  #unanswered = 0
  /** Settles when everything so far was answered. */
  #answered: Promise<void> = Promise.resolve()
  #previousTotalMs: number | undefined

  constructor(socket: WebSocket, client: string, host: FrontHost) {
    this.#socket = socket
    this.#host = host
    this.#asker = { front: 'openpi', client }
  }

  start(metadata: Uint8Array): void {
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => this.#take(data, isBinary))
    this.#socket.on('close', () => this.#host.left(this.#asker))
    // Frames that are too large, or none of WebSocket's: the connection is closed with the reason, and `close` follows.
    this.#socket.on('error', () => this.#host.malformed())
    this.#socket.send(metadata)
  }

  /** Says goodbye after the answers under way. */
  async close(): Promise<void> {
    await this.#answered
    if (this.#socket.readyState === this.#socket.CLOSED) return
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
    const timer = setTimeout(() => this.#socket.terminate(), GOODBYE_MS)
    this.#socket.resume()
    this.#socket.close(GOING_AWAY, 'The policy server is closing.')
    await closed
    clearTimeout(timer)
  }

  #take(data: Buffer, isBinary: boolean): void {
    const startMs = performance.now()
    this.#unanswered += 1
    if (this.#unanswered >= MAX_UNANSWERED) this.#socket.pause()
    const answer = this.#answer(data, isBinary).catch((error) => traceback(error))
    this.#answered = this.#answered.then(async () => {
      await this.#send(await answer)
      this.#previousTotalMs = performance.now() - startMs
      this.#unanswered -= 1
      if (this.#socket.isPaused) this.#socket.resume()
    })
  }

  async #answer(data: Buffer, isBinary: boolean): Promise<Inference | Uint8Array> {
    const observation = this.#decode(data, isBinary)
    if (!isResetRequest(observation)) return this.#host.infer(observation, this.#asker)
    await this.#host.reset(undefined, this.#asker)
    return openpiCodec.encode(RESET_ANSWER)
  }

  #decode(data: Buffer, isBinary: boolean): unknown {
    try {
      if (!isBinary) throw new RmqError('MALFORMED_MESSAGE', 'An observation must come in a binary frame, not as text.')
      return openpiCodec.decode(data)
    } catch (error) {
      this.#host.malformed()
      throw error
    }
  }

  /** Resolves when the system has taken the frame, so that a client that does not read is not read either. */
  #send(answer: Inference | Uint8Array | string): Promise<void> {
    const frame = this.#frame(answer)
    return new Promise((resolve) => {
      this.#socket.send(frame, { binary: typeof frame !== 'string' }, (error) => {
        if (error) this.#host.undelivered()
        resolve()
      })
    })
  }

  #frame(answer: Inference | Uint8Array | string): Uint8Array | string {
    if (typeof answer === 'string' || answer instanceof Uint8Array) return answer
    const timing = {
      infer_ms: answer.inferMs,
      ...(this.#previousTotalMs !== undefined && { prev_total_ms: this.#previousTotalMs }),
    }
    try {
      return openpiCodec.encode({ ...answer.actions, server_timing: timing })
    } catch (error) {
      return traceback(error)
    }
  }
}
