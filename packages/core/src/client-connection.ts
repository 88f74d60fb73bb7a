import { requireTimeout } from './arguments.ts'
import { Attachments } from './attachments.ts'
import type { CallOptions } from './call-options.ts'
import type { ClientOptions, ClientParts } from './client-options.ts'
import type { ClockEstimate } from './clock-estimate.ts'
import { transportFor } from './endpoint.ts'
import { RmqError } from './errors.ts'
import { createLogger, type Logger } from './log.ts'
import { timerMs } from './timer.ts'
import type { SharedTopicStore } from './topic.ts'
import { parseTopicName } from './topic-name.ts'
import type { Link } from './transport.ts'

/** Told of the connection as it comes and goes. */
export interface ConnectionEvents {
  onConnect(): void
  onDisconnect(): void
}

/** A client's way to its server: the link, and the topics that are attached beside it. */
export class ClientConnection {
  readonly attachments: Attachments
  readonly #name: string
  readonly #endpoint: string
  readonly #log: Logger
  #connected = false
  #link: Link | undefined
  #closed = false

  constructor(name: string, endpoint: string, { homes, logLevel }: ClientOptions & ClientParts) {
    this.#name = name
    this.#endpoint = endpoint
    this.#log = createLogger(`client ${name}`, logLevel)
    this.attachments = new Attachments(homes ?? [], this.#log)
  }

  /** Whether the server is reached now. */
  get connected(): boolean {
    return this.#connected
  }

  /** @throws CLOSED */
  get link(): Link {
    if (this.#closed || this.#link === undefined) throw this.closedError()
    return this.#link
  }

  /** @throws CLOSED */
  requireOpen(): void {
    void this.link
  }

  closedError(): RmqError {
    return new RmqError('CLOSED', `Client "${this.#name}" was closed.`)
  }

  /** Resolves once the server has been met. @throws INVALID_ARGUMENT, TIMEOUT, UNAUTHORIZED */
  async open(options: ClientOptions & ClientParts, events: ConnectionEvents): Promise<void> {
    const { timeoutS = 5, signal, transports, references, security, disconnectAfterS } = options
    requireTimeout(timeoutS)
    if (disconnectAfterS !== undefined) requireTimeout(disconnectAfterS, 'disconnectAfterS')
    const transport = transportFor(this.#endpoint, transports)
    const timeout = new AbortController()
    const error = new RmqError(
      'TIMEOUT',
      `No server answered at ${this.#endpoint} within ${timeoutS} s: is it running?`,
    )
    const timer = setTimeout(() => timeout.abort(error), timerMs(timeoutS))
    try {
      this.#link = await transport.connect(this.#endpoint, {
        clientName: this.#name,
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
        ...(references !== undefined && { references }),
        ...(disconnectAfterS !== undefined && { disconnectAfterS }),
        ...(security !== undefined && { security }),
        onConnect: () => {
          this.#log.debug(`connected to ${this.#endpoint}`)
          this.#connected = true
          events.onConnect()
        },
        onDisconnect: () => {
          this.#log.warn(`lost ${this.#endpoint}, connecting again`)
          this.#connected = false
          this.attachments.release()
          events.onDisconnect()
        },
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** The topic's store in this process, for calls that would otherwise go over the link with these options. */
  attached(topic: string, { timeoutS = 1, signal }: CallOptions): SharedTopicStore | undefined {
    const { link } = this
    requireTimeout(timeoutS)
    signal?.throwIfAborted()
    return this.#connected ? this.attachments.find(parseTopicName(topic), link) : undefined
  }

  clock(): ClockEstimate {
    const { link } = this
    return (this.#connected ? this.attachments.clock(link) : undefined) ?? link.clock()
  }

  async close(): Promise<void> {
    this.attachments.release()
    const closing = this.#link?.close()
    this.#closed = true
    await closing
  }
}
