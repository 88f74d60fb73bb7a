import { grootCodec, RmqError } from 'robotmq'
import { Request } from 'zeromq'
import { abortable } from '../abortable.ts'
import { errorLine, parseErrorText } from '../error-text.ts'
import { isRecord } from '../is-record.ts'
import type { Actions, Observation } from '../policy-handler.ts'
import type { LinkOptions, PolicyLink } from './policy-link.ts'
import { toActions } from './to-actions.ts'

/** Reaches a GR00T policy server. Its metadata is what `get_modality_config` answers. */
export async function openGrootLink(endpoint: string, options: LinkOptions): Promise<PolicyLink> {
  const link = new GrootLink(endpoint, options)
  try {
    await link.start(options.signal)
  } catch (error) {
    await link.close()
    throw error
  }
  return link
}

class GrootLink implements PolicyLink {
  metadata: Readonly<Record<string, unknown>> = {}
  readonly #endpoint: string
  readonly #options: LinkOptions
  #socket: Request | undefined
  /** Settles when the calls so far ended: these sockets take one at a time, and so do the servers. */
  #free: Promise<void> = Promise.resolve()

  constructor(endpoint: string, options: LinkOptions) {
    this.#endpoint = endpoint
    this.#options = options
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#call({ endpoint: 'ping' }, signal)
    try {
      const config = await this.#call({ endpoint: 'get_modality_config' }, signal)
      if (isRecord(config)) this.metadata = config
    } catch (error) {
      // Not all servers know it.
      if (!RmqError.isInstance(error) || !['REQUEST_FAILED', 'UNSUPPORTED'].includes(error.code)) throw error
    }
  }

  async infer(observation: Observation, signal: AbortSignal): Promise<Actions> {
    const answer = await this.#call({ endpoint: 'get_action', data: { observation, options: null } }, signal)
    if (!Array.isArray(answer)) return toActions(answer)
    const [action, info] = answer
    return isRecord(info) && Object.keys(info).length > 0 ? { ...toActions(action), info } : toActions(action)
  }

  async reset(signal: AbortSignal): Promise<void> {
    await this.#call({ endpoint: 'reset', data: { options: null } }, signal)
  }

  async close(): Promise<void> {
    this.#drop()
  }

  async #call(request: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    const { apiKey } = this.#options
    const message = grootCodec.encode(apiKey === undefined ? request : { ...request, api_token: apiKey })
    const before = this.#free
    let release = () => {}
    const done = new Promise<void>((resolve) => {
      release = resolve
    })
    // A call that was given up while it waited does not let the next one overtake those before it.
    this.#free = before.then(() => done)
    try {
      await abortable(before, signal)
      return readAnswer(await this.#exchange(message, signal))
    } finally {
      release()
    }
  }

  async #exchange(message: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted()
    this.#socket ??= this.#open()
    const socket = this.#socket
    try {
      await abortable(socket.send(message as Buffer), signal)
      const [answer] = await abortable(socket.receive(), signal)
      return answer!
    } catch (error) {
      // An answer that comes too late would be taken for the next one's: a new socket never sees it.
      if (this.#socket === socket) this.#drop()
      throw error
    }
  }

  #open(): Request {
    const socket = new Request({
      linger: 0,
      reconnectInterval: 50,
      reconnectMaxInterval: 1000,
      maxMessageSize: this.#options.maxPayloadBytes,
      ipv6: this.#endpoint.startsWith('tcp://['),
    })
    try {
      socket.connect(this.#endpoint)
      return socket
    } catch (cause) {
      socket.close()
      throw new RmqError('INVALID_ARGUMENT', `${this.#endpoint} cannot be connected to: ${errorLine(cause)}.`, {
        cause,
      })
    }
  }

  #drop(): void {
    this.#socket?.close()
    this.#socket = undefined
  }
}

function readAnswer(bytes: Uint8Array): unknown {
  const answer = grootCodec.decode(bytes)
  if (!isRecord(answer) || !('error' in answer)) return answer
  const text = String(answer['error'])
  throw /^Unauthorized\b/.test(text) ? new RmqError('UNAUTHORIZED', text) : parseErrorText(text)
}
