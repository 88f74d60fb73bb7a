import { setTimeout as sleep } from 'node:timers/promises'
import { openpiCodec, RmqError } from 'robotmq'
import type { WebSocket } from 'ws'
import { abortable } from '../abortable.ts'
import { parseErrorText } from '../error-text.ts'
import type { Actions, Observation } from '../policy-handler.ts'
import { RESET_REQUEST } from '../reset-request.ts'
import { connectOpenpi, disconnected } from './openpi-socket.ts'
import type { LinkOptions, PolicyLink } from './policy-link.ts'
import { toActions } from './to-actions.ts'

const FIRST_RETRY_MS = 20
const LAST_RETRY_MS = 1000
/** A server that owes more answers that nobody waits for has forgotten them: it gets a new connection. */
const MAX_GIVEN_UP = 16
/** openpi's own server closes so after it told an error, and has read no frame that was sent behind that one. */
const SERVER_ERROR = 1011
/** The server's way to say that a frame is too large. */
const TOO_LARGE = 1009

/** Reaches an openpi policy server. Servers answer the frames of a connection one each, in their order. */
export async function openOpenpiLink(url: string, options: LinkOptions): Promise<PolicyLink> {
  const link = new OpenpiLink(url, options)
  await link.start()
  return link
}

/** A frame that was sent, until its answer comes: even when nobody waits for that any more. */
interface Slot {
  readonly frame: Uint8Array
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
  givenUp: boolean
}

class OpenpiLink implements PolicyLink {
  metadata: Readonly<Record<string, unknown>> = {}
  readonly #url: string
  readonly #options: LinkOptions
  readonly #closing = new AbortController()
  #socket: Promise<WebSocket>
  #slots: Slot[] = []
  #errorWasLast = false

  constructor(url: string, options: LinkOptions) {
    this.#url = url
    this.#options = options
    this.#socket = this.#connect(options.signal)
  }

  async start(): Promise<void> {
    await this.#socket
  }

  async infer(observation: Observation, signal: AbortSignal): Promise<Actions> {
    return toActions(await this.#call(observation, signal))
  }

  async reset(signal: AbortSignal): Promise<void> {
    await this.#call(RESET_REQUEST, signal)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const socket = await this.#socket.catch(() => undefined)
    if (socket === undefined || socket.readyState === socket.CLOSED) return
    const closed = new Promise((resolve) => socket.once('close', resolve))
    // Answers under way are of no use to anybody.
    socket.terminate()
    await closed
  }

  async #call(value: unknown, signal: AbortSignal): Promise<unknown> {
    const frame = openpiCodec.encode(value)
    const socket = await abortable(this.#socket, signal)
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const slot: Slot = { frame, resolve, reject, givenUp: false }
      const abort = () => {
        slot.givenUp = true
        reject(signal.reason)
        if (this.#slots.filter(({ givenUp }) => givenUp).length >= MAX_GIVEN_UP) socket.terminate()
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#send(socket, slot)
    })
  }

  #send(socket: WebSocket, slot: Slot): void {
    // The slots are those of the next connection already.
    if (socket.readyState === socket.CLOSED) {
      slot.reject(disconnected(this.#url, 'it was closed'))
      return
    }
    this.#slots.push(slot)
    // Where it cannot be sent the connection is closed, and all slots with it.
    socket.send(slot.frame, () => {})
  }

  /** Until somebody is there. @throws UNAUTHORIZED, MALFORMED_MESSAGE, the signal's reason */
  async #connect(signal: AbortSignal): Promise<WebSocket> {
    const { apiKey, maxPayloadBytes } = this.#options
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
      try {
        const { socket, metadata } = await connectOpenpi(this.#url, { apiKey, maxPayloadBytes, signal })
        this.metadata = metadata
        this.#listen(socket)
        return socket
      } catch (error) {
        signal.throwIfAborted()
        if (!RmqError.isInstance(error) || error.code !== 'DISCONNECTED') throw error
        await sleep(delayMs, undefined, { signal }).catch(() => {})
        signal.throwIfAborted()
      }
    }
  }

  #listen(socket: WebSocket): void {
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#take(data, isBinary))
    socket.on('close', (code) => this.#lost(code))
  }

  #lost(code: number): void {
    const slots = this.#slots.splice(0).filter(({ givenUp }) => !givenUp)
    const error =
      code === TOO_LARGE
        ? new RmqError('MESSAGE_TOO_LARGE', `${this.#url} takes no messages of this size.`)
        : disconnected(this.#url, `closed with code ${code}`)
    const isUnread = code === SERVER_ERROR && this.#errorWasLast
    this.#errorWasLast = false
    if (!isUnread || this.#closing.signal.aborted) for (const slot of slots.splice(0)) slot.reject(error)
    if (this.#closing.signal.aborted) return
    this.#socket = this.#connect(this.#closing.signal)
    // Told to the calls that wait for it.
    this.#socket.catch(() => {})
    for (const slot of slots) {
      this.#socket.then((socket) => !slot.givenUp && this.#send(socket, slot), slot.reject)
    }
  }

  #take(data: Buffer, isBinary: boolean): void {
    this.#errorWasLast = !isBinary
    const slot = this.#slots.shift()
    if (slot === undefined || slot.givenUp) return
    try {
      if (!isBinary) throw parseErrorText(data.toString())
      slot.resolve(openpiCodec.decode(data))
    } catch (error) {
      slot.reject(error)
    }
  }
}
